"""The commands on texts and on what a home holds: check, examine, sample, export, withdraw."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.job import Job
from flows.options import (
    BrandOption,
    HomeOption,
    LimitOption,
    ProductsOption,
    ProfileOption,
    SetOption,
    err,
    job_of,
    out,
)

texts = typer.Typer()


@texts.command()
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


@texts.command()
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


@texts.command("sample-quality")
def sample_quality(
    file: Annotated[Path, typer.Option("--out", help="The CSV to write, for a spreadsheet")],
    rows: Annotated[int, typer.Option("--rows", help="How many texts, 50 or more; each type has its share")] = 50,
    seed: Annotated[int, typer.Option("--seed", help="Another number draws another sample")] = 1,
    home: HomeOption = ".",
) -> None:
    """Write a random sample of accepted texts for people to mark as good or not."""
    from flows.sampling import sample_quality as sample

    sample(Path(home), rows, seed, file, out)


@texts.command()
def quality(
    file: Annotated[Path, typer.Argument(help="A file of `copymill sample-quality`, with 1 or 0 in its column `good`")],
    home: HomeOption = ".",
) -> None:
    """Say what share of the accepted texts people find good, with its interval; the next report shows it too."""
    from flows.sampling import import_quality

    import_quality(Path(home), file, out)


@texts.command("label-page")
def label_page(
    file: Annotated[Path, typer.Option("--out", help="The HTML file to write, for a browser; it needs no server")],
    pairs: Annotated[
        int,
        typer.Option(
            "--pairs", min=1, help="How many pairs of texts; each content type and pair of systems has its share"
        ),
    ] = 100,
    seed: Annotated[int, typer.Option("--seed", help="Another number draws another sample and other sides")] = 1,
    home: HomeOption = ".",
    brand: BrandOption = "",
) -> None:
    """Write a page on which people compare the systems' answers, blind; give it to two people or more."""
    from flows.labelling import write_page

    write_page(Path(home), Job(brand=brand).brand_path, pairs, seed, file, out)


@texts.command("label-import")
def label_import(
    files: Annotated[list[Path], typer.Argument(help="What raters exported from a page of `copymill label-page`")],
    home: HomeOption = ".",
) -> None:
    """Keep what people said of the systems' answers; the next report shows it, and how far the judge agrees."""
    from flows.labelling import import_labels

    import_labels(Path(home), files, out)


@texts.command()
def export(
    table: Annotated[
        str,
        typer.Argument(
            help="A table, such as copy, pairs, sft; `card`: what the data holds, in figures; or `lm-eval`: the val "
            "set as a task of lm-evaluation-harness"
        ),
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
    `copymill export card --out card.json` · `copymill export lm-eval --out DIR` ·
    `copymill export copy --channel weibo --out weibo.csv --format csv`
    """
    if channel:
        from flows.publishing import Order, publish

        order = Order(
            Path(home), Job(brand=brand).brand_path, table, channel, purchase_link, producer, file, format_ or "jsonl"
        )
        publish(order, out)
        return
    from flows.exporting import export as export_named
    from flows.exporting import refuse_without_channel
    from flows.exporting_lm_eval import LM_EVAL, export_lm_eval

    refuse_without_channel({"--purchase-link": purchase_link, "--producer": bool(producer)})
    if table == LM_EVAL:
        export_lm_eval(Path(home), Job(brand=brand).brand_path, format_, file, out)
    else:
        export_named(Path(home), table, format_, file, out)


@texts.command()
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


@texts.command()
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
