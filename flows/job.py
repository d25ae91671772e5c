"""What a run is asked to do: one model, which is the command line's options and the form in Prefect's UI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

CODE = Path(__file__).resolve().parents[1]
DEFAULT_BRAND = CODE / "brands" / "elemental_equation"


class Job(BaseModel):
    """Parameters of `main-job`, `dataset` and `recipe`; an empty form runs the example."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: Literal["tiny", "small", "full"] = Field(
        "tiny", description="Model sizes and teacher; tiny needs no GPU and no key"
    )
    brand: str = Field("", description="Brand folder with brand.yaml; empty: the example brand")
    products: str = Field("", description="Product list (.csv, .xlsx); empty: products.csv of the brand folder")
    recipe: str = Field("", description="Recipe folder (another task than brand copy); empty: the brand")
    data: dict[str, str] = Field({}, description="A recipe's data files by table, for example jokes = jokes.csv")
    home: str = Field(".", description="Folder that holds artifacts/ of this brand's runs")
    teacher: str = Field("", description="Provider that drafts and judges; empty: the one the profile names")
    max_cost: Annotated[float, Field(ge=0)] | None = Field(None, description="Stop cleanly at this many US dollars")
    only: str = Field("", description="Run what this step needs, and nothing after it")
    force: list[str] = Field([], description="Steps to compute again from the journal")
    resample: int = Field(0, ge=0, description="Ask the teacher for new drafts under this number")
    train: bool = Field(False, description="Train again although the change is within the tolerance")
    limit: int = Field(
        0, ge=0, description="Try on this many products (a recipe: rows of each file), in HOME/preview; 0: all"
    )
    overrides: dict[str, str] = Field({}, description="Parameters by dotted name, for example copy.rounds = 6")

    @property
    def home_path(self) -> Path:
        home = Path(self.home)
        return home / "preview" if self.limit else home

    @property
    def brand_path(self) -> Path:
        return Path(self.brand) if self.brand else DEFAULT_BRAND

    @property
    def products_path(self) -> Path:
        return Path(self.products) if self.products else self.brand_path / "products.csv"
