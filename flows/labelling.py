"""`copymill label-page` and `copymill label-import`: pairs of texts out for people to compare, and what they said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from flows.exporting import current_rows, say
from flows.world import PROMPTS, labels_of_home
from tasks.brief.brand import load_brand, load_content_types
from tasks.judging.label_pairs import TextPair, sampled_pairs, text_pairs
from tasks.judging.labels import Label, joined, read_labels, standing
from tasks.judging.people import LEAST, meetings_of
from tasks.lineage.errors import UserError
from tasks.lineage.files import write_text
from tasks.lineage.step import Row
from tasks.lineage.store import Store
from tasks.reporting.label_page import label_data, render_label_page
from tasks.teacher.rubric import RUBRICS, parse_rubrics


def write_page(home: Path, brand_dir: Path, pairs: int, seed: int, file: Path, console: Console) -> None:
    """Write the page on which people compare the systems' answers, blind.

    Raises:
        UserError: no answers are made yet, fewer pairs than are asked for, or the file is there already.
    """
    if file.exists():
        raise UserError(str(file), "a file that may be with raters", "a new file", "name another, or remove it")
    sample = sampled_pairs(pairs_of_home(home), pairs, seed)
    brand, types = load_brand(brand_dir), load_content_types(brand_dir)
    unknown = sorted({entry.pair.content_type for entry in sample} - set(types))
    if unknown:
        raise UserError(f"brand {brand.name}", f"no content type {unknown[0]}", f"the brand of {home}", "name --brand")
    rubrics = parse_rubrics({path: (PROMPTS / path).read_text(encoding="utf-8") for path in RUBRICS.values()})
    data = label_data(brand.name, sample, current_rows(home, "products"), types, rubrics)
    write_text(file, render_label_page(data))
    products = len({entry.pair.product_id for entry in sample})
    say(console, f"{len(sample)} pairs of texts, {products} products -> {file}")
    say(console, "  give the file to two people or more; each opens it in a browser, labels alone and exports a file;")
    say(console, "  then `copymill label-import FILE...` with all of theirs")


def pairs_of_home(home: Path) -> dict[str, TextPair]:
    """Return the pairs of texts of a home's answers, of the systems that its judge compares."""
    return text_pairs(current_rows(home, "answers"), meetings_of(duels_of(home)))


def duels_of(home: Path) -> list[Row]:
    """Return the duels of a home; none where no judge was asked yet."""
    return current_rows(home, "duels") if "duels" in Store(home).current() else []


def import_labels(home: Path, files: Sequence[Path], console: Console) -> None:
    """Add what people said to the home's labels, for the report; of one rater and pair the newer label counts.

    Raises:
        UserError: a fault of a file, or no label is of texts as the home holds them now.
    """
    new = read_labels(files)
    pairs = pairs_of_home(home)
    today = standing(new, pairs)
    if not today:
        found = f"none of {len(new)} labels is of texts as {home} holds them now"
        raise UserError(", ".join(map(str, files)), found, "labels of its answers", "is --home right? else label again")
    kept = joined(labels_of_home(home), new)
    text = json.dumps([asdict(label) for label in kept], ensure_ascii=False, indent=1)
    write_text(Store(home).labels, text + "\n")
    say_labels(new, today, standing(kept, pairs), console)


def say_labels(new: Sequence[Label], today: Sequence[Label], kept: Sequence[Label], console: Console) -> None:
    say(console, f"{len(new):,} labels of {len({label.rater for label in new})} raters read")
    if len(today) < len(new):
        say(console, f"  {len(new) - len(today):,} are of texts that have changed since: they do not count")
    by_pair: dict[str, set[str]] = {}
    for label in kept:
        by_pair.setdefault(label.pair, set()).add(label.rater)
    shared = sum(len(raters) > 1 for raters in by_pair.values())
    say(console, f"the home holds {len(kept):,} labels of {len(by_pair):,} pairs; {shared:,} pairs have two raters")
    if shared < LEAST:
        say(console, f"  results are called the judge's preference until {LEAST} pairs have two raters")
    say(console, "kept in the home: the next report shows them")
