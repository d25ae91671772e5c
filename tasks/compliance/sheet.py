"""What a product sheet holds, in the form that the gates ask for: its name, its text, its numbers, its counts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tasks.brief.model import Product
from tasks.compliance.normal import dense_of, fold
from tasks.compliance.numerals import Quantity, quantities

# what a text calls a group of ingredients -> the piece of an ingredient's name that tells its members
_GROUPS = {
    "胜肽": "肽",
    "多肽": "肽",
    "玻尿酸": "透明质酸|玻尿酸",
    "透明质酸": "透明质酸|玻尿酸",
    "果酸": "甘醇酸|乳酸|苹果酸|柠檬酸|杏仁酸|果酸",
    "酸": "(?<!氨)酸(?!钠|钾)",
    "植物": "提取物|精油|油",
    "植萃": "提取物|精油|油",
    "防晒剂": "氧化锌|二氧化钛|阿伏苯宗|奥克立林|胡莫柳酯",
    "油脂": "油|角鲨烷",
}
_ANY_INGREDIENT = re.compile(r"成分|活性|精粹|原料|有效物|核心|草本")
_ANY_FEATURE = re.compile(
    r"功效|功能|效能|合一|优势|体系|矩阵|通路|修护|修复|保湿|锁水|补水|防护|防御|守护|抗氧|抗老|舒缓|控油|提亮|屏障"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One product for the gates. text and evidence are dense; quantities come from all fields, or from those that
    speak of effects (features, claims, evidence) alone; proofs are the values of those fields, each with its own."""

    name: str
    text: str
    evidence: str
    quantities: frozenset[Quantity]
    effects: frozenset[Quantity]
    proofs: tuple[tuple[str, frozenset[Quantity]], ...]
    ingredients: tuple[str, ...]
    features: int
    numbers: str

    def counts(self, value: int, what: str) -> bool:
        """Return whether "N 种/重/大 <what>" can be counted on the sheet: ingredients (of a group), or features."""
        if any(piece in what for piece in ("专利", "认证", "检测", "测试")):
            return False
        for group, members in sorted(_GROUPS.items(), key=lambda item: -len(item[0])):
            if group in what:
                return value == sum(bool(re.search(members, name)) for name in self.ingredients)
        if sum(bool(name) and name in what for name in self.ingredients):
            return value == sum(name in what or what in name for name in self.ingredients)
        if _ANY_INGREDIENT.search(what):
            return value <= len(self.ingredients)
        return bool(_ANY_FEATURE.search(what)) and value <= max(self.features, len(self.ingredients))


@lru_cache(maxsize=4096)
def sheet_of(product: Product) -> Sheet:
    """Return the sheet of one product, worked out once."""
    written = [(field, value) for field, value in field_values(product)]
    effects = [v for field, v in written if field in ("features", "claims", "evidence")]
    values = [value for _, value in written]
    return Sheet(
        name=dense_of(product.product_name).strip(),
        text="\n".join(dense_of(value) for value in values),
        evidence="\n".join(dense_of(value) for value in effects),
        quantities=_quantities(values),
        effects=_quantities(effects),
        proofs=tuple((dense_of(value), _quantities([value])) for value in effects),
        ingredients=tuple(dense_of(name) for name in product.core_ingredients),
        features=len(product.features),
        numbers="、".join(dict.fromkeys(value for value in values if re.search(r"\d|spf|pa\+", fold(value)))),
    )


def _quantities(values: Iterable[str]) -> frozenset[Quantity]:
    return quantities("\n".join(dense_of(value) for value in values))


def field_values(product: Product) -> list[tuple[str, str]]:
    """Return (field, value) for every value of a sheet, lists one by one, in the order of the sheet."""
    pairs: list[tuple[str, str]] = []
    for field, value in product.sheet().items():
        pairs += [(field, str(item)) for item in (value if isinstance(value, list) else [value])]
    return pairs


def united(products: Iterable[Product]) -> Product:
    """Return one product that holds the facts of all products of one name (a file row cannot say which it means).

    Lists are joined without repeats; single values are joined with a space where they differ; a registration class
    stands only where all agree.
    """
    rows = list(products)
    lists = ("core_ingredients", "features", "claims", "evidence")
    texts = ("category", "target_audience", "filing_number")
    classes = {row.registration for row in rows}
    update: dict[str, object] = {
        field: tuple(dict.fromkeys(item for row in rows for item in getattr(row, field))) for field in lists
    }
    update |= {field: " ".join(dict.fromkeys(v for row in rows if (v := getattr(row, field)))) for field in texts}
    update["registration"] = classes.pop() if len(classes) == 1 else ""
    return rows[0].model_copy(update=update)
