"""`copymill check`: the compliance checker alone, over a file of texts in bounded memory, or over one text."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from flows.findings import Summary, finding_lines, taken_back_line
from flows.reading import ReadingProgress
from flows.released import Today
from tasks.brief.brand import load_brand, load_content_types
from tasks.brief.products import load_products
from tasks.compliance import Rules, load_rules
from tasks.compliance.channels import load_channels
from tasks.compliance.check_file import PASSAGE, CheckedRow, RowChecker, checked_rows, row_checker
from tasks.compliance.reader_fit import is_learnt, learn
from tasks.lineage.errors import UserError

FORMATS = ("text", "json")


@dataclass(frozen=True)
class Bench:
    """What texts are checked by: a brand's folder and a product list.

    Raises:
        UserError: a fault of the brand, its rules or the product list, when they are first asked for.
    """

    brand_dir: Path
    products: Path

    def rules(self) -> Rules:
        return load_rules(load_brand(self.brand_dir), self.brand_dir)

    def checker(self) -> RowChecker:
        listed = [row.product for row in load_products(self.products).rows]
        return row_checker(listed, self.rules(), load_content_types(self.brand_dir))

    def today(self) -> Today:
        """Return what released texts are judged by."""
        listed = [row.product for row in load_products(self.products).rows]
        checker = row_checker(listed, self.rules(), load_content_types(self.brand_dir))
        return Today(
            brand=load_brand(self.brand_dir).id,
            rules=checker.rules,
            content_types=checker.content_types,
            channels=load_channels(self.brand_dir),
            by_id={product.product_id: product for product in listed},
            by_name=checker.products,
        )


def one_subject(given: Mapping[str, bool]) -> None:
    """Refuse a command that names nothing to check, or two things.

    Raises:
        UserError: it does.
    """
    named = [name for name, there in given.items() if there]
    if len(named) != 1:
        found = f"{' and '.join(named)} at once" if named else "nothing to check"
        raise UserError("copymill check", found, f"one of {', '.join(given)}", "name one, see copymill check --help")


def output_format(name: str) -> None:
    """Refuse an output format that is none.

    Raises:
        UserError: it is none.
    """
    if name not in FORMATS:
        raise UserError(f"--format {name}", "no such format", " or ".join(FORMATS), "name one of these")


def check_file(
    file: Path, bench: Bench, mapping: list[str], format_: str, jobs: int, show: int, console: Console, err: Console
) -> int:
    """Check every row and print what was found; return 1 where a text is not accepted, else 0.

    Args:
        jobs: processes that check. show: findings printed in full as text; 0 for all.
        console: for results. err: for progress.
    Raises:
        UserError: a fault of the file, the product list, the brand or an option.
    """
    checker, columns = bench.checker(), columns_of(mapping)
    learn_reader(checker.rules, err)
    with ReadingProgress(err) as progress:
        results = checked_rows(file, checker, columns, progress, jobs)
        return say_json(results) if format_ == "json" else say_text(results, show, console)


def check_text(text: str, product: str, content_type: str, bench: Bench, format_: str, console: Console) -> int:
    """Check one text; return 1 where it is not accepted, else 0.

    Raises:
        UserError: an unknown content type; a fault of the product list or the brand.
    """
    checker = bench.checker()
    learn_reader(checker.rules, Console(stderr=True))
    if (content_type or PASSAGE) not in checker.content_types:
        known = ", ".join(checker.content_types)
        raise UserError(f"--type {content_type}", "no such content type", f"one of {known}", "name one")
    result = checker.checked(1, {"product_name": product, "content_type": content_type, "text": text})
    return say_json([result]) if format_ == "json" else say_text([result], 0, console)


def learn_reader(rules: Rules, err: Console) -> None:
    """Let the second reader learn, where it has not on this machine, before anybody wonders what takes so long."""
    if rules.readers and not is_learnt():
        with err.status("learning the second reader from its labelled sentences, once on this machine …"):
            learn()


def columns_of(mapping: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in mapping]
    for name, equals, column in pairs:
        if not equals or not column:
            raise UserError(f"--map {name}", "no column", "NAME=COLUMN", "write for example --map text=output")
    return {name: column for name, _, column in pairs}


def say_json(results: Iterable[CheckedRow]) -> int:
    refused = 0
    for result in results:
        refused += not result.accepted
        sys.stdout.write(json.dumps(result.as_dict(), ensure_ascii=False) + "\n")
    return int(refused > 0)


def say_text(results: Iterable[CheckedRow], show: int, console: Console) -> int:
    """Print the first `show` findings (0: all, and those taken back), then the summary."""
    summary, found = Summary(), 0
    for result in results:
        summary.add(result.reasons, result.accepted, len(result.taken_back))
        for reason in result.reasons:
            found += 1
            if show == 0 or found <= show:
                for line in finding_lines(reason, result.text, f"row {result.row}"):
                    console.print(line, soft_wrap=True)
        for reason in result.taken_back if show == 0 else ():
            console.print(taken_back_line(reason, result.text, f"row {result.row}"), soft_wrap=True)
    if 0 < show < found:
        rest = f"… and {found - show:,} more findings: --show 0 prints all, --format json holds them"
        console.print(rest, highlight=False, soft_wrap=True)
    summary.print(console)
    return int(summary.refused > 0)
