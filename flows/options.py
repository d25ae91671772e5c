"""What the commands share: where they print, the options that several take, and the job that these ask for."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from flows.job import Job
from tasks.lineage.errors import UserError

out, err = Console(), Console(stderr=True)
ProfileOption = Annotated[
    str, typer.Option("--profile", help="tiny (CPU, simulator, no key), small (24 GB GPU) or full (80 GB)")
]
BrandOption = Annotated[
    str, typer.Option("--brand", help="Brand folder with brand.yaml", show_default="the example brand")
]
ProductsOption = Annotated[
    str, typer.Option("--products", help="Product list, .csv or .xlsx", show_default="the brand's own")
]
RecipeOption = Annotated[
    str, typer.Option("--recipe", metavar="FOLDER", help="Another task than brand copy: a folder with recipe.yaml")
]
DataOption = Annotated[
    list[str],
    typer.Option("--data", metavar="NAME=FILE", help="A recipe's data file for its table NAME (.csv, .jsonl)"),
]
HomeOption = Annotated[str, typer.Option("--home", help="Folder whose artifacts/ holds what runs make")]
TeacherOption = Annotated[
    str, typer.Option("--teacher", help="Provider that writes and judges", show_default="the profile's")
]
OnlyOption = Annotated[str, typer.Option("--only", metavar="STEP", help="What this step needs, and nothing after it")]
ForceOption = Annotated[
    list[str], typer.Option("--force", metavar="STEP", help="Compute this step again from the journal")
]
ResampleOption = Annotated[
    int, typer.Option("--resample", metavar="N", help="New drafts, under this number; the old ones stay")
]
TrainOption = Annotated[bool, typer.Option("--train", help="Train again although the change is within the tolerance")]
LimitOption = Annotated[
    int, typer.Option("--limit", metavar="N", help="The first N products (rows, of a recipe) only, in HOME/preview")
]
SetOption = Annotated[
    list[str], typer.Option("--set", metavar="STEP.FIELD=VALUE", help="Override a parameter, such as copy.rounds=6")
]


def job_of(profile: str, brand: str, products: str, home: str, **rest: object) -> Job:
    """Return the job that the options ask for.

    Raises:
        UserError: an option has a value that a job does not allow.
    """
    from pydantic import ValidationError

    given = {
        "overrides": pairs_of("--set", rest.pop("overrides", []), "STEP.FIELD=VALUE", "copy.rounds=6"),
        "data": pairs_of("--data", rest.pop("data", []), "NAME=FILE", "jokes=jokes.csv"),
    }
    try:
        return Job(profile=profile, brand=brand, products=products, home=home, **given, **rest)  # type: ignore[arg-type]
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        option = "--" + str(fault["loc"][0]).replace("_", "-")
        raise UserError(option, fault["msg"].lower(), "a value the option allows", "see copymill run --help") from None


def pairs_of(option: str, texts: object, form: str, example: str) -> dict[str, str]:
    """Return name -> value of an option that is given as NAME=VALUE, often or never."""
    found = {}
    for text in texts:  # type: ignore[attr-defined]
        name, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"{option} {name}", "no value", form, f"write for example {option} {example}")
        found[name] = value
    return found
