"""Dataset tables in the formats of other trainers: verl, LLaMA-Factory (alpaca, ShareGPT) and Volcengine Ark.

Invariants: an export holds every row of the table in its order, and nothing that the table does not hold; a system
prompt and earlier turns have columns of their own where the format wants it, and none where no row has them. Sources
of the formats: verl, docs/preparation/prepare_data; LLaMA-Factory, data/README.md; Ark,
volcengine.com/docs/82379/1099461.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tasks.brief.steps import PRODUCT_COLUMNS
from tasks.datasets.table_files import write_table
from tasks.lineage.canonical import canonical_json
from tasks.lineage.errors import UserError
from tasks.lineage.files import write_text
from tasks.lineage.step import Row

DATASET_INFO = "dataset_info.json"
DATA_SOURCE = "copymill"  # verl chooses the reward function by it

Convert = Callable[[int, Row], Row]


def export_dataset(table: str, rows: Sequence[Row], format_: str, folder: Path) -> list[Path]:
    """Write a dataset table (sft, preference, kto, grpo) for another trainer; return the files written.

    Args:
        format_: `verl` (sft, grpo: Parquet), `alpaca` or `sharegpt` (sft, preference, kto: JSON, and an entry in
            dataset_info.json beside it, other entries kept), `ark` (sft: JSONL).
    Raises:
        UserError: the format has no such table, or dataset_info.json is there and is not JSON.
    """
    if format_ not in FORMATS:
        raise UserError(f"format {format_}", "no such format", f"one of {', '.join(FORMATS)}", "name one of these")
    converts = FORMATS[format_]
    if table not in converts:
        raise UserError(f"table {table}", f"{format_} has no form for it", f"one of {', '.join(converts)}", "name one")
    converted = [converts[table](place, row) for place, row in enumerate(rows)]
    if format_ in DESCRIPTIONS:
        return llama_factory_files(table, converted, format_, folder)
    kind = "parquet" if format_ == "verl" else "jsonl"
    path = folder / f"{table}_{format_}.{kind}"
    write_table(converted, path, kind)
    return [path]


def llama_factory_files(table: str, rows: Sequence[Row], format_: str, folder: Path) -> list[Path]:
    """Write the rows as one JSON list, and their description into dataset_info.json."""
    path, info = folder / f"{table}_{format_}.json", folder / DATASET_INFO
    rows, description = without_empty(rows, DESCRIPTIONS[format_][table])
    described = read_info(info) | {f"copymill_{table}_{format_}": {"file_name": path.name, **description}}
    write_text(path, json.dumps(list(rows), ensure_ascii=False, indent=1))
    write_text(info, json.dumps(described, ensure_ascii=False, indent=2))
    return [path, info]


def without_empty(rows: Sequence[Row], description: Row) -> tuple[list[Row], Row]:
    """Return rows and description without the optional columns that no row fills."""
    empty = {name for name in OPTIONAL if not any(row.get(name) for row in rows)}
    columns = {name: column for name, column in description["columns"].items() if column not in empty}
    kept = [{name: value for name, value in row.items() if name not in empty} for row in rows]
    return kept, {**description, "columns": columns}


def read_info(path: Path) -> dict[str, Any]:
    """Return the datasets that are described already."""
    if not path.exists():
        return {}
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(str(path), "not JSON", "LLaMA-Factory's list of datasets", "mend or remove it") from error
    if not isinstance(described, dict):
        raise UserError(str(path), "not a JSON object", "LLaMA-Factory's list of datasets", "mend or remove it")
    return described


# -- verl --------------------------------------------------------------------------------------------------------------


def verl_sft(place: int, row: Row) -> Row:
    return {**verl_labels(place, row), "messages": row["messages"]}


def verl_grpo(place: int, row: Row) -> Row:
    """Return a task for verl's reward function, which finds the product and content type in `ground_truth`."""
    truth = {name: row[name] for name in (*PRODUCT_COLUMNS.names, "content_type")}
    return {
        **verl_labels(place, row),
        "prompt": [{"role": "user", "content": row["prompt"]}],
        "reward_model": {"style": "rule", "ground_truth": canonical_json(truth)},
    }


def verl_labels(place: int, row: Row) -> Row:
    extra = {"split": "train", "index": place, "item_id": row["item_id"], "content_type": row["content_type"]}
    return {"data_source": DATA_SOURCE, "ability": "copywriting", "extra_info": extra}


# -- LLaMA-Factory -----------------------------------------------------------------------------------------------------


def alpaca_sft(place: int, row: Row) -> Row:
    system, turns = parted(row["messages"])
    *earlier, question, answer = [turn["content"] for turn in turns]
    history = [[earlier[start], earlier[start + 1]] for start in range(0, len(earlier), 2)]
    return {"instruction": question, "input": "", "output": answer, "system": system, "history": history}


def alpaca_preference(place: int, row: Row) -> Row:
    return {"instruction": row["prompt"], "input": "", "chosen": row["chosen"], "rejected": row["rejected"]}


def alpaca_kto(place: int, row: Row) -> Row:
    return {"instruction": row["prompt"], "input": "", "output": row["completion"], "kto_tag": row["label"]}


def sharegpt_sft(place: int, row: Row) -> Row:
    system, turns = parted(row["messages"])
    said = [(human if turn["role"] == "user" else gpt)(turn["content"]) for turn in turns]
    return {"conversations": said, "system": system}


def sharegpt_preference(place: int, row: Row) -> Row:
    chosen, rejected = gpt(row["chosen"]), gpt(row["rejected"])
    return {"conversations": [human(row["prompt"])], "chosen": chosen, "rejected": rejected}


def sharegpt_kto(place: int, row: Row) -> Row:
    return {"conversations": [human(row["prompt"]), gpt(row["completion"])], "kto_tag": row["label"]}


def parted(messages: Sequence[Row]) -> tuple[str, Sequence[Row]]:
    """Return (system prompt or "", the turns of user and assistant)."""
    if messages[0]["role"] == "system":
        return messages[0]["content"], messages[1:]
    return "", messages


def human(text: str) -> Row:
    return {"from": "human", "value": text}


def gpt(text: str) -> Row:
    return {"from": "gpt", "value": text}


# -- Ark ---------------------------------------------------------------------------------------------------------------


def ark_sft(place: int, row: Row) -> Row:
    return {"messages": row["messages"]}


OPTIONAL = ("system", "history")
ASKED = {"prompt": "instruction", "query": "input"}
TALK = {"messages": "conversations"}
BOTH = {"chosen": "chosen", "rejected": "rejected"}

FORMATS: dict[str, dict[str, Convert]] = {
    "verl": {"sft": verl_sft, "grpo": verl_grpo},
    "alpaca": {"sft": alpaca_sft, "preference": alpaca_preference, "kto": alpaca_kto},
    "sharegpt": {"sft": sharegpt_sft, "preference": sharegpt_preference, "kto": sharegpt_kto},
    "ark": {"sft": ark_sft},
}
DESCRIPTIONS: dict[str, dict[str, Row]] = {  # what dataset_info.json says of each LLaMA-Factory file
    "alpaca": {
        "sft": {"columns": {**ASKED, "response": "output", "system": "system", "history": "history"}},
        "preference": {"ranking": True, "columns": {**ASKED, **BOTH}},
        "kto": {"columns": {**ASKED, "response": "output", "kto_tag": "kto_tag"}},
    },
    "sharegpt": {
        "sft": {"formatting": "sharegpt", "columns": {**TALK, "system": "system"}},
        "preference": {"formatting": "sharegpt", "ranking": True, "columns": {**TALK, **BOTH}},
        "kto": {"formatting": "sharegpt", "columns": {**TALK, "kto_tag": "kto_tag"}},
    },
}
