"""Lexicons: word lists that a gate compares a text and a product sheet by, as YAML files beside this module.

Each gate has a schema of its own; this module reads a file into it and digests the folder, so that a changed word
changes the rules' digest.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError

from tasks.brief.model import Frozen
from tasks.lineage.canonical import digest, file_digest
from tasks.lineage.errors import UserError

LEXICON = Path(__file__).parent / "lexicon"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C, where PyYAML has it

Schema = TypeVar("Schema", bound=Frozen)


def read_lexicon(path: Path, schema: type[Schema]) -> Schema:
    """Return one lexicon file as a value of its schema.

    Raises:
        UserError: the file is not YAML or does not keep the schema; it names the file and the place.
    """
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - it is a safe loader
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(str(path), f"not readable as YAML ({reason})", "a lexicon", "mend the file") from error
    try:
        return schema.model_validate(value if value is not None else {})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        found = f"{place} is {str(first.get('input'))[:60]!r}"
        expected = first["msg"].removeprefix("Input should be ")
        raise UserError(str(path), found, expected, "see the file's own head and mend it") from error


@lru_cache(maxsize=1)
def lexicon_digest() -> str:
    """Return one digest of all files of the folder and those below it, by path."""
    files = sorted(path for path in LEXICON.rglob("*") if path.suffix in (".yaml", ".tsv"))
    return digest({path.relative_to(LEXICON).as_posix(): file_digest(path) for path in files})
