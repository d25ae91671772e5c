"""What people read of a report lies beside the home's steps, and is replaced when the report changes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from flows.artifacts import latest_report


@pytest.fixture
def this(tmp_path):
    """A run whose report's folder is `made` and whose home is `home`."""
    (tmp_path / "made").mkdir()
    store = SimpleNamespace(files_folder=lambda record: tmp_path / "made")
    run = SimpleNamespace(world=SimpleNamespace(store=store), records={"report": None})
    return SimpleNamespace(run=run, job=SimpleNamespace(home_path=tmp_path / "home"))


def test_report_and_todo_are_placed_and_replaced(this, tmp_path):
    for text in ("first", "second"):
        for name in ("report.html", "todo.csv", "report.json"):
            (tmp_path / "made" / name).write_text(text)
        assert latest_report(this) == tmp_path / "home" / "artifacts" / "report.html"
        placed = {path.name: path.read_text() for path in (tmp_path / "home" / "artifacts").iterdir()}
        assert placed == {"report.html": text, "todo.csv": text}


def test_report_without_a_todo_is_placed_alone(this, tmp_path):
    (tmp_path / "made" / "report.html").write_text("a recipe's")
    latest_report(this)
    assert [path.name for path in (tmp_path / "home" / "artifacts").iterdir()] == ["report.html"]
