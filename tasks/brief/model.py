"""The vocabulary of the brief: a product, a brand and a content type, as frozen values."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Split = Literal["train", "val"]
Family = Literal["social", "ecommerce", "paid_ad"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Product(Frozen):
    """One row of the product list. `product_id` is stable when other rows come and go (DESIGN section 1)."""

    product_id: str
    product_name: str
    category: str
    core_ingredients: tuple[str, ...]
    features: tuple[str, ...]
    target_audience: str
    registration: Literal["普通", "特殊", ""] = ""
    filing_number: str = ""
    claims: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    def sheet(self) -> dict[str, object]:
        """Return the fields that a writer may use, in prompt order, empty ones left out."""
        fields = self.model_dump(exclude={"product_id"})
        return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items() if value}


class ContentType(Frozen):
    """One kind of text the brand publishes. Limits count code points of the stripped text.

    structure: how such a text is built, one sentence a part, for the writer. labels: framework words that must
    not stand in the text as labels (【之前】). hashtags: least and most at the end; (0, 0) forbids them.
    """

    id: str
    family: Family
    title: str
    title_en: str
    min_chars: int = Field(ge=1)
    max_chars: int = Field(ge=1)
    hashtags: tuple[int, int] = (0, 0)
    call_to_action: bool = False
    structure: tuple[str, ...]
    labels: tuple[str, ...] = ()


class Brand(Frozen):
    """The style guide. `guide()` is what prompts quote; the word lists feed the rules and never a prompt's text."""

    id: str
    name: str
    philosophy: str
    persona: str
    points: tuple[str, ...]
    encouraged: tuple[str, ...]
    forbidden: tuple[str, ...]

    def guide(self) -> dict[str, object]:
        """Return the prose guide rendered into prompts (DESIGN section 1, "Two keys"): no forbidden word list."""
        return {
            "name": self.name,
            "philosophy": self.philosophy,
            "persona": self.persona,
            "points": list(self.points),
            "encouraged": list(self.encouraged),
        }
