"""`copymill export lm-eval`: the val set as a task that lm-evaluation-harness runs."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from flows.exporting import current_rows, say
from tasks.brief.brand import load_brand, load_content_types
from tasks.compliance import load_rules
from tasks.judging.lm_eval_task import val_documents, write_task
from tasks.lineage.errors import UserError
from tasks.lineage.store import Store

LM_EVAL = "lm-eval"  # exported like a table: the private val set for another program


def export_lm_eval(home: Path, brand_dir: Path, format_: str, folder: Path, console: Console) -> None:
    """Write the val items that have an accepted reference as a task; of the content types that models were asked for.

    Raises:
        UserError: a format is named, a fault of the brand, no copy is made yet, no val item has a reference, or
            something lies in the folder.
    """
    if format_:
        raise UserError(f"{LM_EVAL} --format {format_}", "no form of it", "none", "leave --format out")
    brand, types = load_brand(brand_dir), load_content_types(brand_dir)
    load_rules(brand, brand_dir)  # a fault of the rules is told now, not by the harness
    asked = asked_types(home)
    documents = val_documents(current_rows(home, "products"), current_rows(home, "copy"), types, asked)
    task = write_task(folder, f"copymill_{brand.id}", documents, brand_dir)
    say(console, f"{len(documents):,} val items -> {task}")
    say(console, f"  lm_eval --include_path {folder} --tasks {task.stem} --apply_chat_template --model hf ...")
    say(console, "  (docs/judging_lm_eval.md)")


def asked_types(home: Path) -> list[str]:
    """Return the content types that this home's models were asked for; none known before they were asked."""
    if "answers" not in Store(home).current():
        return []
    return sorted({row["content_type"] for row in current_rows(home, "answers")})
