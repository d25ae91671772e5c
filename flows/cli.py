"""The command line. Every command says what it will do, what it did, and what to do next; errors are one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from flows.job import Job
from tasks.lineage.errors import StopRun, UserError

app = typer.Typer(
    help="Brand copy that is checked line by line, the datasets made from it, and a model with an honest verdict.\n\n"
    "Start with `copymill run --limit 3` (three products, in HOME/preview), then `copymill run`.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
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


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="CSV or JSONL with product_name, content_type, text", show_default=False)
    ] = None,
    products: ProductsOption = "",
    brand: BrandOption = "",
    mapping: Annotated[
        list[str], typer.Option("--map", metavar="NAME=COLUMN", help="Another column, such as text=output")
    ] = [],  # noqa: B006
    text: Annotated[str, typer.Option("--text", help="One text instead of a file, with --product and --type")] = "",
    product: Annotated[str, typer.Option("--product", metavar="NAME", help="The product of --text")] = "",
    type_: Annotated[
        str,
        typer.Option("--type", metavar="TYPE", help="The content type of --text; nothing: a passage without limits"),
    ] = "",
    released: Annotated[
        bool, typer.Option("--released", help="Every text that was exported for a channel, by today's rules")
    ] = False,
    home: HomeOption = ".",
    explain: Annotated[
        str, typer.Option("--explain", metavar="RULE", help="What a rule says, its basis, how to change it")
    ] = "",
    format_: Annotated[str, typer.Option("--format", help="text or json (one object a row)")] = "text",
    show: Annotated[int, typer.Option("--show", min=0, help="Findings printed in full as text; 0: all")] = 1000,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes that check a file")] = 1,
) -> None:
    """Check texts against the rules and the product sheet; exit 1 where any text breaks a blocking rule."""
    from flows.checking import Bench, check_file, check_text, one_subject, output_format

    one_subject({"FILE": bool(file), "--text": bool(text), "--released": released, "--explain": bool(explain)})
    output_format(format_)
    job = Job(brand=brand, products=products)
    bench = Bench(job.brand_path, job.products_path)
    if explain:
        from flows.explaining import explain_rule

        return explain_rule(bench.rules(), explain, bench.brand_dir, out)
    if released:
        from flows.released import check_released

        raise typer.Exit(check_released(Path(home), bench.today(), format_, out, err))
    if file:
        raise typer.Exit(check_file(file, bench, mapping, format_, jobs, show, out, err))
    raise typer.Exit(check_text(text, product, type_, bench, format_, out))


@app.command()
def doctor(
    profile: ProfileOption = "tiny",
    home: HomeOption = ".",
    limit: LimitOption = 0,
    overrides: SetOption = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="Everything, for programs")] = False,
) -> None:
    """Examine the datasets before training: what would be cut, broken text, repetition, balance; exit 1 if it blocks.

    Each table is looked at as the profile's step will see it, with its tokenizer and max_length; every training step
    looks again before it loads its model, and refuses what blocks.
    """
    from flows.doctoring import examine

    job = job_of(profile, "", "", home, limit=limit, overrides=overrides)
    raise typer.Exit(examine(job, as_json, out))


@app.command("sample-quality")
def sample_quality(
    file: Annotated[Path, typer.Option("--out", help="The CSV to write, for a spreadsheet")],
    rows: Annotated[int, typer.Option("--rows", help="How many texts, 50 or more; each type has its share")] = 50,
    seed: Annotated[int, typer.Option("--seed", help="Another number draws another sample")] = 1,
    home: HomeOption = ".",
) -> None:
    """Write a random sample of accepted texts for people to mark as good or not."""
    from flows.sampling import sample_quality as sample

    sample(Path(home), rows, seed, file, out)


@app.command()
def quality(
    file: Annotated[Path, typer.Argument(help="A file of `copymill sample-quality`, with 1 or 0 in its column `good`")],
    home: HomeOption = ".",
) -> None:
    """Say what share of the accepted texts people find good, with its interval; the next report shows it too."""
    from flows.sampling import import_quality

    import_quality(Path(home), file, out)


@app.command()
def export(
    table: Annotated[
        str, typer.Argument(help="A table, such as copy, pairs, sft; or `card`: what the data holds, in figures")
    ],
    file: Annotated[Path, typer.Option("--out", help="The file to write; a folder, for another trainer")],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            help="jsonl, csv or parquet; or for another trainer: verl (sft, grpo), alpaca or sharegpt for "
            "LLaMA-Factory (sft, preference, kto, with dataset_info.json), ark (sft)",
            show_default="jsonl; the card: json",
        ),
    ] = "",
    home: HomeOption = ".",
    channel: Annotated[
        str, typer.Option("--channel", help="Publish `copy` there: accepted texts, marked, recorded as a release")
    ] = "",
    purchase_link: Annotated[bool, typer.Option("--purchase-link", help="An order link stands by the texts")] = False,
    producer: Annotated[
        str, typer.Option("--producer", help="Name or code in the implicit label", show_default="the brand's name")
    ] = "",
    brand: BrandOption = "",
) -> None:
    """Write a table as the last run left it: to a file, for another trainer, or (--channel) to publish.

    `copymill export sft --format verl --out DIR` · `copymill export preference --format sharegpt --out DIR` ·
    `copymill export card --out card.json` · `copymill export copy --channel weibo --out weibo.csv --format csv`
    """
    if channel:
        from flows.publishing import Order, publish

        order = Order(
            Path(home), Job(brand=brand).brand_path, table, channel, purchase_link, producer, file, format_ or "jsonl"
        )
        publish(order, out)
    else:
        from flows.exporting import export as export_named
        from flows.exporting import refuse_without_channel

        refuse_without_channel({"--purchase-link": purchase_link, "--producer": bool(producer)})
        export_named(Path(home), table, format_, file, out)


@app.command()
def export_model(
    out_dir: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to make")],
    step: Annotated[str, typer.Argument(help="sft_model or grpo_model", show_default="the last one made")] = "",
    format_: Annotated[
        str, typer.Option("--format", help="safetensors, adapter, gguf-f16, gguf-q8 or ollama")
    ] = "safetensors",
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export there")] = False,
    home: HomeOption = ".",
) -> None:
    """Write a model as the last run left it for transformers, PEFT, llama.cpp or Ollama, with a card of what it is."""
    from flows.exporting_model import show_export

    show_export(Path(home), step, format_, out_dir, force, out)


@app.command()
def withdraw(
    release: Annotated[str, typer.Argument(help="A release, as `copymill check --released` names it")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the release")],
    item: Annotated[
        list[str], typer.Option("--item", metavar="ID", help="Only this item of it", show_default="all")
    ] = [],  # noqa: B006
    home: HomeOption = ".",
) -> None:
    """Note that released texts were taken down, so that `check --released` no longer judges them."""
    from flows.released import withdraw as withdraw_texts

    withdraw_texts(Path(home), release, item, reason, out)


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
