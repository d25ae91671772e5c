"""`copymill doctor`: are the datasets of a home fit to train on, as the profile's steps will see them?"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from flows.exporting import current_rows
from flows.job import Job
from flows.sampling import quality_line
from flows.world import check_overrides, load_profile, params_of
from tasks.datasets.data_card import DATASETS
from tasks.datasets.health import Finding, as_dict, by_severity
from tasks.lineage.errors import UserError
from tasks.lineage.store import Store
from tasks.training.runtime import prepare
from tasks.training.steps import GRPO_MODEL, REWARD_MODEL, SFT_MODEL

if TYPE_CHECKING:
    from tasks.training.doctor import Examined, Use

STYLES = {"block": "bold red", "warn": "yellow", "note": "dim"}
CAPTION = (
    "rows: the brand's + general ones; median to limit: tokens a row; cut: rows over max_length; ends: rows whose "
    "labels hold the end of the answer; good: rows labelled good"
)
NO_TOKENIZER = "no base yet, so token lengths and the ends of answers were not looked at: `copymill run --only base`"


def examine(job: Job, as_json: bool, console: Console) -> int:
    """Examine the datasets as the last run left them and print what was found; return 1 where a finding blocks.

    Raises:
        UserError: no dataset is made yet; a fault of the profile or an override.
    """
    planned = uses_of(job)
    found = diagnosed(job, planned)
    if as_json:
        sys.stdout.write(json.dumps([examined_dict(one) for one in found], ensure_ascii=False, indent=1) + "\n")
    else:
        say(found, console)
        if Store(job.home_path).current_record("copy"):
            console.print(Text(quality_line(job.home_path), style="dim"), soft_wrap=True)
    return int(any(one.blocking for one in found))


def uses_of(job: Job) -> list[Use]:
    """Return which step trains on which table under the job's profile and overrides."""
    check_overrides(job)
    profile = load_profile(job.profile)
    sft, reward, last = (params_of(step, profile, job) for step in (SFT_MODEL, REWARD_MODEL, GRPO_MODEL))
    # Looking needs no GPU, whatever the profile trains on.
    prepare(sft.machine.model_copy(update={"device": "cpu"}))  # type: ignore[attr-defined]
    from tasks.training.doctor import uses

    return uses(sft, reward, last)  # type: ignore[arg-type]


def diagnosed(job: Job, planned: Sequence[Use]) -> list[Examined]:
    from tasks.training.doctor import diagnosis

    made = Store(job.home_path).current()
    tables = {name: current_rows(job.home_path, name) for name in DATASETS if name in made}
    if not tables:
        found = f"none is made in {job.home_path}"
        raise UserError("datasets", found, "a run", "run `copymill run --only sft` (kto, preference, …) first")
    return diagnosis(tables, planned, tokenizer_of(job))


def tokenizer_of(job: Job) -> Any:
    """Return the tokenizer of the base as the last run left it; None where there is none."""
    store = Store(job.home_path)
    record = store.current_record("base")
    if record is None:
        return None
    from tasks.training.model_files import load_tokenizer

    return load_tokenizer(store.files_folder(record))


def examined_dict(one: Examined) -> dict[str, Any]:
    return {
        "step": one.stage or None,
        "table": one.table,
        "rows": one.rows,
        "general_rows": one.general,
        "tokens": vars(one.lengths) if one.lengths else None,
        "end_in_labels": one.ends,
        "good_share": one.good,
        "findings": [as_dict(finding) for finding in one.findings],
    }


def say(found: Sequence[Examined], console: Console) -> None:
    """Print a line a table, then every finding, the blocking ones first."""
    console.print(grid_of(found))
    if all(one.lengths is None for one in found):
        console.print(Text(NO_TOKENIZER, style="yellow"))
    findings = by_severity(finding for one in found for finding in one.findings)
    for finding in findings:
        say_finding(finding, console)
    blocking = sum(finding.severity == "block" for finding in findings)
    verdict = f"{blocking} findings block training" if blocking else "nothing blocks training"
    console.print(Text(verdict, style=STYLES["block"] if blocking else "green"))


def grid_of(found: Sequence[Examined]) -> Grid:
    grid = Grid(box=None, pad_edge=False, collapse_padding=True, caption=CAPTION, caption_justify="left")
    for column in ("table", "trains", "rows", "median", "95%", "longest", "limit", "cut", "ends", "good"):
        grid.add_column(column, justify="left" if column in ("table", "trains") else "right", no_wrap=True)
    for one in found:
        tokens = one.lengths
        lengths = ("–",) * 5 if tokens is None else (
            f"{tokens.median:,.0f}", f"{tokens.most_of_them:,}", f"{tokens.longest:,}", f"{tokens.limit:,}",
            f"{tokens.over:,}",
        )  # fmt: skip
        ends, good = ("–" if share is None else f"{share:.0%}" for share in (one.ends, one.good))
        rows = f"{one.rows:,}" + (f" + {one.general:,}" if one.general else "")
        grid.add_row(one.table, one.stage or "–", rows, *lengths, ends, good)
    return grid


def say_finding(finding: Finding, console: Console) -> None:
    head = Text.assemble((finding.severity, STYLES[finding.severity]), f" {finding.table}: {finding.sentence}")
    console.print(head, soft_wrap=True)
    where = f" ({', '.join(finding.examples)}{', …' if finding.count > len(finding.examples) else ''})"
    console.print(Text(f"    {finding.todo}{where if finding.examples else ''}", style="dim"), soft_wrap=True)
