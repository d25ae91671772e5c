"""`copymill sample-quality` and `copymill quality`: out to a file, back into the home, and into the report's inputs."""

from __future__ import annotations

import csv

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.job import Job
from flows.sampling import quality_line
from flows.world import load_world
from tasks.lineage.errors import UserError
from tests.flows.homes import AD, NOTE, copy_row, shop


@pytest.fixture
def demo(tmp_path):
    made = shop(tmp_path)
    notes = [copy_row(f"p1/note/{n}", "p1", "泛醇修护精华", "note", f"{NOTE}{n}") for n in range(40)]
    ads = [copy_row(f"p2/ad/{n}", "p2", "角鲨烷面霜", "ad", f"{AD}{n}") for n in range(20)]
    made.hold(*notes, *ads)
    return made


def ran(demo, *arguments: str):
    return CliRunner().invoke(app, [*arguments, "--home", str(demo.home)])


def sampled(demo, bad: int = 0) -> str:
    path = demo.folder / "sample.csv"
    assert ran(demo, "sample-quality", "--out", str(path)).exit_code == 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "good": int(place >= bad)} for place, row in enumerate(rows))
    return str(path)


def source(demo):
    return load_world(Job(home=str(demo.home), brand=str(demo.brand), products=str(demo.products))).sources["quality"]


def test_marks_come_back_with_their_interval_and_are_kept(demo):
    before = source(demo)
    result = ran(demo, "quality", sampled(demo, bad=5))
    assert result.exit_code == 0, result.output
    assert "90%" in result.output and "79%–96%" in result.output
    assert source(demo).digest != before.digest, "the report is made again"
    assert quality_line(demo.home) == "quality: people found 45 of 50 texts good, 90% (79%–96%)"


def test_marks_of_other_texts_are_refused_and_not_kept(demo):
    path = sampled(demo)
    demo.hold(*[copy_row(f"p1/note/{n}", "p1", "泛醇修护精华", "note", f"改写{n}") for n in range(60)])
    result = ran(demo, "quality", path)
    assert isinstance(result.exception, UserError)
    assert "0 of 50 marks are of texts as" in str(result.exception)
    assert source(demo).value == ()


def test_sample_never_overwrites_a_file_that_may_hold_marks(demo):
    path = demo.folder / "sample.csv"
    path.write_text("mine")
    with pytest.raises(UserError, match="a file that may hold marks"):
        raise ran(demo, "sample-quality", "--out", str(path)).exception
    assert path.read_text() == "mine"


def test_damaged_marks_are_named(demo):
    (demo.home / "artifacts" / "quality.json").write_text("[{}]")
    with pytest.raises(UserError, match=r"quality\.json: not what"):
        source(demo)
