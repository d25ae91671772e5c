"""Parameters of the dataset steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from tasks.lineage.canonical import file_digest
from tasks.lineage.params import Ident, Params, Run

MOST_GENERAL = 0.4  # above it, the brand's voice is the smaller part of what is learnt


class DatasetParams(Params):
    """Most datasets have no choices: what is in them was decided by the copy, the pairs and the split."""


class SftParams(Params):
    """What stands around the brand's accepted texts in `sft`.

    system_prompt: said before every brand dialogue; "" says nothing. The models of this pipeline are asked without
    one, so it is for models that are trained and served elsewhere.
    general_file: a dataset of general dialogues (JSONL, Parquet or CSV) that is mixed in, so that the model does not
    forget everything else. What it holds is identity (`general_sha256`, worked out from its bytes), where it lies is
    not. general_share: part of all rows that is general, 0 (none) to 0.4; 0.15 to 0.3 is advised. seed: of the choice
    among the file's rows.
    """

    system_prompt: Ident[str] = ""
    general_file: Run[str] = ""
    general_sha256: Ident[str] = ""
    general_share: Ident[float] = Field(default=0.0, ge=0, le=MOST_GENERAL)
    seed: Ident[int] = 23

    @model_validator(mode="before")
    @classmethod
    def identify_general(cls, values: Any) -> Any:
        """Fill in what the general dataset is; without a share of it, it is not looked at."""
        if not isinstance(values, dict):
            return values
        path, share = values.get("general_file", ""), values.get("general_share", 0)
        if not share:
            return {**values, "general_sha256": ""}
        if not path:
            raise ValueError(f"general_share is {share} and general_file names no file")
        if not Path(path).is_file():
            raise ValueError(f"general_file {path} is no file")
        return {**values, "general_sha256": file_digest(Path(path))}
