"""A train product's text with another train product's facts in it, for the base model's text alone.

Few texts are read many times over. With the facts exchanged in prompt and text alike, looking at the sheet pays and
learning a text by heart does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.brief.model import Product

STRENGTH = re.compile(r"^\d+(?:\.\d+)?\s*[%％]\s*")


def transplanted(text: str, one: Product, other: Product) -> str:
    """Return the text with one product's facts replaced by the other's, in one pass, longest first.

    Where the other product has fewer ingredients or features, its own come round again. An ingredient is also known
    without its strength (10%烟酰胺, 烟酰胺).
    """
    ingredients = in_turn(one.core_ingredients, other.core_ingredients)
    pairs = [
        (one.product_name, other.product_name),
        (one.target_audience, other.target_audience),
        *ingredients,
        *((STRENGTH.sub("", was), STRENGTH.sub("", becomes)) for was, becomes in ingredients),
        *in_turn(one.features, other.features),
    ]
    return exchanged(text, pairs)


def exchanged(text: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Return the text with each (fact, what it becomes) exchanged, in one pass, longest fact first.

    Of two pairs with the same fact the first counts; without any fact the text stays.
    """
    becomes = {was: now for was, now in reversed(pairs) if was and now}
    if not becomes:
        return text
    pattern = "|".join(re.escape(was) for was in sorted(becomes, key=len, reverse=True))
    return re.sub(pattern, lambda found: becomes[found.group()], text)


def in_turn(facts: tuple[str, ...], others: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return (fact, the other's fact at its place, counted round)."""
    return [(fact, others[place % len(others)]) for place, fact in enumerate(facts)] if others else []
