"""Labelled sentences for the second reader: `python -m tasks.compliance.labelled BRAND_DIR [LINES.jsonl ...] > X.tsv`.

A line of the JSONL is {"text", "product"} for harmless text, and {"text", "product", "kind", "span"} for one violation
of that kind at the words `span`; the product is one of BRAND_DIR/products.csv. Each sentence becomes a line
`kind<TAB>masked sentence`, the kind left out where the sentence does not hold the span. The file belongs into
lexicon/sentences; what the sheet holds is masked, so no product list travels with it. Without JSONL files the lines are
those of the examples of the brand's rules.

With `--heads` before BRAND_DIR the lines are not sentences but what is set off at their heads, for lexicon/heads.tsv.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from tasks.brief.brand import load_brand
from tasks.brief.model import Product
from tasks.brief.products import load_products
from tasks.compliance.check import check
from tasks.compliance.check_file import by_name
from tasks.compliance.examples import content_type_of, product_of
from tasks.compliance.findings import Case
from tasks.compliance.heads import heads, masked_head
from tasks.compliance.normal import View, dense_of
from tasks.compliance.pack import FACT_KINDS, KINDS, WORD_KINDS, Example
from tasks.compliance.reader import SENTENCE, as_read
from tasks.compliance.rules import READER_GATES, Rules, load_rules
from tasks.compliance.verdict import Reason
from tasks.lineage.errors import UserError

READ_KINDS = frozenset({*FACT_KINDS, *WORD_KINDS, "framework_label", "invented_experience"})
_ENOUGH, _SHARE = 3, 0.6  # characters, or the share, of a label that a head must hold to be one
Labelled = Iterator[tuple[str, str]]  # kind, masked sentence
Pieces = Callable[[Case, str, int, int], Labelled]


def labelled_sentences(case: Case, kind: str = "", first: int = 0, last: int = 0) -> Labelled:
    """Yield each sentence of a text, with the kind where it touches text[first:last]."""
    view, absent = case.view, case.absent_spans
    for match in SENTENCE.finditer(view.dense):
        start, end = view.source_span("dense", *match.span())
        if len(match[0]) > 1:
            sentence = as_read(view.dense, match.span(), case.known, absent)
            yield kind if start < last and first < end else "", sentence.replace("\t", " ")


def labelled_heads(case: Case, kind: str = "", first: int = 0, last: int = 0) -> Labelled:
    """Yield each head of a text, with the kind where it is the label text[first:last]; a piece of one is left out."""
    view = case.view
    for span in heads(view.plain):
        start, end = view.source_span("plain", *span)
        shared = min(end, last) - max(start, first) if kind == "framework_label" else 0
        if shared <= 0 or shared >= min(_ENOUGH, _SHARE * (last - first)):
            yield kind if shared > 0 else "", masked_head(view.plain, span, case.known).replace("\t", " ")


def of_lines(
    path: Path, products: Mapping[str, Product], rules: Rules, pieces: Pieces = labelled_sentences
) -> Labelled:
    """Yield the labelled sentences of a JSONL file, or other pieces of its lines.

    Raises:
        UserError: a line's product is not on the list, its kind unknown, or its span not in its text.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(line)
        text, kind, span = row["text"], row.get("kind", ""), row.get("span", "")
        product = products.get(dense_of(row["product"]).strip())
        if product is None or (kind and kind not in KINDS) or span not in text:
            found = f"product {row['product']!r}, kind {kind!r}, span {span!r}"
            expected = "a product of the list, a kind of docs/compliance.md, words of the text"
            raise UserError(f"{path} line {number}", found, expected, "mend the line")
        first = text.find(span)
        yield from pieces(_case(text, product, rules), kind, first, first + len(span))


def of_examples(rules: Rules) -> Labelled:
    """Yield the labelled sentences of the rules' examples: a positive one by what its rule finds, a negative one where
    no rule finds anything. The second reader itself is not asked."""
    rules = replace(rules, rules=tuple(rule for rule in rules.rules if rule.gate not in READER_GATES))
    for rule in rules.rules:
        for example in rule.positive if rule.kind in READ_KINDS else ():
            for reason in [r for r in _reasons(example, rules) if r.rule == rule.id and r.end][:1]:
                case = _case(example.text, product_of(example), rules)
                yield from labelled_sentences(case, rule.kind, reason.start, reason.end)
        for example in rule.negative:
            if not _reasons(example, rules):
                yield from labelled_sentences(_case(example.text, product_of(example), rules))


def _case(text: str, product: Product, rules: Rules) -> Case:
    return Case(View(text), product, content_type_of(Example(text=text)), rules)


def _reasons(example: Example, rules: Rules) -> tuple[Reason, ...]:
    return check(example.text, product_of(example), content_type_of(example), rules).reasons


def main(brand_dir: Path, paths: Iterable[Path], pieces: Pieces) -> None:
    brand = load_brand(brand_dir)
    products = by_name(row.product for row in load_products(brand_dir / "products.csv").rows)
    rules = load_rules(brand, brand_dir)
    pairs = [pair for path in paths for pair in of_lines(path, products, rules, pieces)]
    for pair in dict.fromkeys(pairs or of_examples(rules)):
        sys.stdout.write("\t".join(pair) + "\n")


if __name__ == "__main__":
    of_heads = sys.argv[1] == "--heads"
    folder, *files = map(Path, sys.argv[1 + of_heads :])
    main(folder, files, labelled_heads if of_heads else labelled_sentences)
