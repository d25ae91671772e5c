"""The command line. Every command says what it will do, what it did, and what to do next; errors are one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from flows.cli_texts import texts
from flows.job import Job
from flows.options import (
    BrandOption,
    DataOption,
    ForceOption,
    HomeOption,
    LimitOption,
    OnlyOption,
    ProductsOption,
    ProfileOption,
    RecipeOption,
    ResampleOption,
    SetOption,
    TeacherOption,
    TrainOption,
    err,
    job_of,
    out,
)
from tasks.lineage.errors import StopRun, UserError

app = typer.Typer(
    help="Brand copy that is checked line by line, the datasets made from it, and a model with an honest verdict.\n\n"
    "Start with `copymill run --limit 3` (three products, in HOME/preview), then `copymill run`.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


@app.command()
def run(
    profile: ProfileOption = "tiny",
    brand: BrandOption = "",
    products: ProductsOption = "",
    recipe: RecipeOption = "",
    data: DataOption = [],  # noqa: B006
    home: HomeOption = ".",
    teacher: TeacherOption = "",
    max_cost: Annotated[
        float | None, typer.Option("--max-cost", metavar="USD", help="Stop cleanly when this much is spent")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before spending")] = False,
    only: OnlyOption = "",
    force: ForceOption = [],  # noqa: B006 - typer reads it
    resample: ResampleOption = 0,
    train: TrainOption = False,
    limit: LimitOption = 0,
    overrides: SetOption = [],  # noqa: B006
) -> None:
    """Do the main job: write, check, pair, train, judge, report; only what is missing, failed or stale.

    With --recipe, do a recipe's job instead: tables from data files, the same training, answers, report.
    """
    from flows.running import run_job

    job = job_of(
        profile, brand, products, home, recipe=recipe, data=data, teacher=teacher, max_cost=max_cost, only=only,
        force=force, resample=resample, train=train, limit=limit, overrides=overrides,
    )  # fmt: skip
    run_job(job, yes, out)


@app.command()
def plan(
    profile: ProfileOption = "tiny",
    brand: BrandOption = "",
    products: ProductsOption = "",
    recipe: RecipeOption = "",
    data: DataOption = [],  # noqa: B006
    home: HomeOption = ".",
    teacher: TeacherOption = "",
    only: OnlyOption = "",
    force: ForceOption = [],  # noqa: B006
    resample: ResampleOption = 0,
    train: TrainOption = False,
    limit: LimitOption = 0,
    overrides: SetOption = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="Everything, for programs")] = False,
) -> None:
    """Show what `run` would do, why, and what it would cost; change nothing."""
    from flows.looking import Outlook, show_json, show_plan

    job = job_of(
        profile, brand, products, home, recipe=recipe, data=data, teacher=teacher, only=only, force=force,
        resample=resample, train=train, limit=limit, overrides=overrides,
    )  # fmt: skip
    outlook = Outlook(job)
    if as_json:
        print(show_json(outlook))  # noqa: T201
    else:
        show_plan(outlook, out)


@app.command()
def why(
    about: Annotated[
        str, typer.Argument(help="A step, a product name or id, or an item id; nothing: everything stale")
    ] = "",
    profile: ProfileOption = "tiny",
    brand: BrandOption = "",
    products: ProductsOption = "",
    recipe: RecipeOption = "",
    data: DataOption = [],  # noqa: B006
    home: HomeOption = ".",
    teacher: TeacherOption = "",
    resample: ResampleOption = 0,
    overrides: SetOption = [],  # noqa: B006
) -> None:
    """Say why something is stale, with all causes."""
    from flows.looking import Outlook, show_why

    job = job_of(
        profile, brand, products, home, recipe=recipe, data=data, teacher=teacher, resample=resample,
        overrides=overrides,
    )  # fmt: skip
    show_why(Outlook(job), about, out)


@app.command()
def status(home: HomeOption = ".") -> None:
    """Show what a home holds now: every step's record, the journal, the last runs."""
    from flows.status import show_status

    show_status(Path(home), out)


@app.command()
def trace(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="An item, pair or answer id, a product id or name, or a step such as sft_model"
        ),
    ],
    home: HomeOption = ".",
    brand: BrandOption = "",
) -> None:
    """Follow a text or a model back to its row, prompt, repairs, calls and cost, and forward to its users."""
    from flows.trace import show_trace

    show_trace(Path(home), subject, Job(brand=brand).brand_path, out)


@app.command(add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def simulate(context: typer.Context) -> None:
    """Run the simulated DeepSeek over HTTP, with knobs for faults and bias (`copymill simulate --help` lists them)."""
    from tasks.teacher.simulator.__main__ import main as simulator

    raise typer.Exit(simulator(context.args))


@app.command()
def serve(
    profile: ProfileOption = "tiny",
    brand: BrandOption = "",
    products: ProductsOption = "",
    home: HomeOption = ".",
    teacher: TeacherOption = "",
    port: Annotated[int, typer.Option("--port", help="Of Prefect's UI and API")] = 4200,
    watch_every: Annotated[
        int, typer.Option("--watch-every", metavar="SECONDS", help="How often the inputs are looked at")
    ] = 20,
    nightly: Annotated[
        str, typer.Option("--nightly", metavar="CRON", help="When `dataset` runs by the clock")
    ] = "0 2 * * *",
) -> None:
    """Start a local Prefect server with the deployments main-job, dataset and watch."""
    from flows.serve import serve_home

    serve_home(job_of(profile, brand, products, home, teacher=teacher), port, watch_every, nightly, out)


app.add_typer(texts)


def main() -> None:
    """Run the command line; a UserError is printed as its sentence, without a traceback."""
    try:
        app()
    except StopRun as stopped:
        err.print(Text(str(stopped), style="yellow"))
        raise SystemExit(3) from None
    except UserError as error:
        err.print(Text(str(error), style="red"))
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        err.print("Stopped. Nothing is lost: the same command goes on where it was.")
        raise SystemExit(130) from None
