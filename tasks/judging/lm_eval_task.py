"""The val set as a task of lm-evaluation-harness (0.4.13): one folder that needs no path of this machine.

    TASK.yaml    the task; val.jsonl    a document an item; metrics.py    the functions that the task names
    brand/       what the rules are made from: the brand's guide and its own rules

Invariants: the prompt is the one that models were trained on and are asked with; the reference is the accepted text of
the same item; the folder's bytes depend on what is handed in alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tasks.brief.brand import BRAND_FILE
from tasks.brief.model import ContentType
from tasks.brief.steps import product_of
from tasks.datasets.task_prompt import task_prompt
from tasks.judging import lm_eval_metrics
from tasks.judging.lm_eval_metrics import MEASURED
from tasks.lineage.canonical import canonical_json
from tasks.lineage.errors import UserError
from tasks.lineage.files import replacing_folder
from tasks.lineage.step import Row

SPARE_TOKENS = 64  # beyond one token a character, for a tokenizer that splits rare ones


class Function(str):
    """A function of metrics.py, written with the harness's tag."""


class TaskDumper(yaml.SafeDumper):
    """YAML with `!function`."""


TaskDumper.add_representer(Function, lambda dumper, value: dumper.represent_scalar("!function", str(value)))


def val_documents(
    products: Sequence[Row], references: Sequence[Row], types: Mapping[str, ContentType], asked: Sequence[str]
) -> list[Row]:
    """Return a document an item of the val products that has an accepted reference.

    Args:
        products, references: rows of the tables products and copy. asked: the content types; empty means all.
    Returns:
        id (`product/type`), prompt, reference, product and content_type (both as JSON).
    Raises:
        UserError: there is none.
    """
    known = {row["product_id"]: product_of(row) for row in products if row["split"] == "val"}
    found: dict[str, Row] = {}
    for row in references:
        kind = row["content_type"]
        if row["status"] == "accepted" and row["product_id"] in known and (not asked or kind in asked):
            product, content_type = known[row["product_id"]], types[kind]
            name = f"{product.product_id}/{kind}"
            found.setdefault(name, {
                "id": name,
                "prompt": task_prompt(product, content_type),
                "reference": row["text"],
                "product": canonical_json(product),
                "content_type": canonical_json(content_type),
            })  # fmt: skip
    if not found:
        raise UserError(
            "the val set", "no val product has an accepted text", "at least one", "run `copymill run` first"
        )
    return [found[name] for name in sorted(found)]


def task_config(name: str, most_chars: int) -> dict[str, Any]:
    """Return the task's YAML as values; most_chars: of the longest content type."""
    shares = ["accepted", "judged", *(f"gate_{gate.id}" for gate in MEASURED)]
    metrics: list[dict[str, Any]] = [
        *({"metric": share, "aggregation": "mean", "higher_is_better": True} for share in shares),
        *({"metric": overlap, "aggregation": Function(f"metrics.{overlap}"), "higher_is_better": True}
          for overlap in ("bleu_zh", "chrf")),
    ]  # fmt: skip
    return {
        "task": name,
        "dataset_path": "",
        "custom_dataset": Function("metrics.documents"),
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": "{{prompt}}",
        "doc_to_target": "{{reference}}",
        "process_results": Function("metrics.process_results"),
        "generation_kwargs": {"until": [], "do_sample": False, "max_gen_toks": most_chars + SPARE_TOKENS},
        "metric_list": metrics,
        "num_fewshot": 0,
        "metadata": {"version": 1.0},
    }


def write_task(folder: Path, name: str, documents: Sequence[Row], brand_dir: Path) -> Path:
    """Write the folder and return the task's file.

    Raises:
        UserError: something else lies there.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"--out {folder}", "something lies there", "a new or empty folder", "name another")
    most = max(json.loads(document["content_type"])["max_chars"] for document in documents)
    with replacing_folder(folder) as temporary:
        config = yaml.dump(task_config(name, most), Dumper=TaskDumper, sort_keys=False, allow_unicode=True)
        (temporary / f"{name}.yaml").write_text(config, encoding="utf-8")
        lines = [json.dumps(document, ensure_ascii=False) + "\n" for document in documents]
        (temporary / "val.jsonl").write_text("".join(lines), encoding="utf-8")
        shutil.copyfile(lm_eval_metrics.__file__, temporary / "metrics.py")
        copy_rules(brand_dir, temporary / "brand")
    return folder / f"{name}.yaml"


def copy_rules(brand_dir: Path, folder: Path) -> None:
    """Copy what `load_brand` and `load_rules` read: the guide, and the brand's own rules where it has any."""
    folder.mkdir()
    shutil.copyfile(brand_dir / BRAND_FILE, folder / BRAND_FILE)
    for path in sorted((brand_dir / "rules").glob("*.yaml")):
        (folder / "rules").mkdir(exist_ok=True)
        shutil.copyfile(path, folder / "rules" / path.name)
