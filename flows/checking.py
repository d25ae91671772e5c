"""`copymill check`: the compliance checker alone, over any file of texts, row by row in bounded memory."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from tasks.brief.brand import load_brand, load_content_types
from tasks.brief.products import load_products
from tasks.compliance import load_rules
from tasks.compliance.check_file import check_rows
from tasks.lineage.errors import UserError


def check_file(file: Path, products: Path, brand_dir: Path, mapping: list[str], format_: str, console: Console) -> int:
    """Check every row and print what was found; return 1 where a text is not accepted, else 0.

    Raises:
        UserError: a fault of the file, the product list, the brand or an option.
    """
    if format_ not in ("text", "json"):
        raise UserError(f"--format {format_}", "no such format", "text or json", "name one of these")
    rules = load_rules(load_brand(brand_dir), brand_dir)
    listed = [row.product for row in load_products(products).rows]
    results = check_rows(file, listed, columns_of(mapping), rules, load_content_types(brand_dir))
    return say_json(results) if format_ == "json" else say_text(results, console)


def columns_of(mapping: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in mapping]
    for name, equals, column in pairs:
        if not equals or not column:
            raise UserError(f"--map {name}", "no column", "NAME=COLUMN", "write for example --map text=output")
    return {name: column for name, _, column in pairs}


def say_json(results: Iterable[dict[str, Any]]) -> int:
    refused = 0
    for result in results:
        refused += not result["accepted"]
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return int(refused > 0)


def say_text(results: Iterable[dict[str, Any]], console: Console) -> int:
    rows = refused = 0
    rules: Counter[str] = Counter()
    for result in results:
        rows += 1
        refused += not result["accepted"]
        for reason in result["reasons"]:
            rules[reason["rule"]] += 1
            console.print(Text(f"row {result['row']}: {reason['severity']} {reason['rule']}: {shown(reason)}"))
    console.print(f"{rows:,} texts checked, {refused:,} not accepted", highlight=False)
    for rule, count in rules.most_common():
        console.print(f"  {count:>6,}  {rule}", highlight=False)
    return int(refused > 0)


def shown(reason: dict[str, Any]) -> str:
    quoted = f"\u201c{reason['text']}\u201d " if reason["text"] else ""
    return f"{quoted}{reason['message']} ({reason['basis']})"
