"""Data files of a recipe: what is read, what is refused, and with which row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tasks.lineage.errors import InputErrors, UserError
from tasks.recipes.data_files import Data, load_data
from tasks.recipes.reading import load_recipe
from tests.recipes.writing import HUMOR, data_files, rows, write_csv

COLUMNS = ("headline", "word1", "word2", "joke", "label")


def loaded(rated: Path, folder: Path, limit: int = 0) -> Data:
    return load_data(load_recipe(HUMOR), data_files(folder) | {"rated": rated}, limit)


def test_labels_and_inputs_are_read(tmp_path: Path) -> None:
    listed = rows(6)
    found = loaded(write_csv(tmp_path / "r.csv", listed, *COLUMNS), tmp_path).tables["rated"]
    assert [row.label for row in found] == [int(row["label"]) for row in listed]
    assert found[0].inputs == {name: listed[0][name] for name in ("headline", "word1", "word2")}
    assert [row.number for row in found] == [1, 2, 3, 4, 5, 6]


def test_json_lines_in_gb18030_are_the_same_rows(tmp_path: Path) -> None:
    listed = rows(6)
    csv_file = write_csv(tmp_path / "r.csv", listed, *COLUMNS)
    lines = tmp_path / "r.jsonl"
    lines.write_bytes("\n".join(json.dumps(row, ensure_ascii=False) for row in listed).encode("gb18030"))
    assert loaded(lines, tmp_path).tables["rated"] == loaded(csv_file, tmp_path).tables["rated"]


def test_limit_takes_the_first_rows(tmp_path: Path) -> None:
    found = loaded(write_csv(tmp_path / "r.csv", rows(6), *COLUMNS), tmp_path, limit=2)
    assert [len(found.tables[name]) for name in ("jokes", "rated")] == [2, 2]


def test_row_that_stands_twice_counts_once_and_is_told(tmp_path: Path) -> None:
    listed = rows(4)
    found = loaded(write_csv(tmp_path / "r.csv", [*listed, {**listed[0], "label": "0"}], *COLUMNS), tmp_path)
    assert len(found.tables["rated"]) == 4
    assert found.tables["rated"][0].label == int(listed[0]["label"])
    assert found.warnings == ["r.csv: 1 rows stand twice; each counts once"]


def test_faults_of_rows_are_told_together(tmp_path: Path) -> None:
    listed = rows(4)
    listed[1]["joke"], listed[3]["label"] = " ", "maybe"
    with pytest.raises(InputErrors) as caught:
        loaded(write_csv(tmp_path / "r.csv", listed, *COLUMNS), tmp_path)
    assert "r.csv row 2: joke is empty" in str(caught.value)
    assert "r.csv row 4: label is 'maybe'; expected 1 (good) or 0 (bad)" in str(caught.value)


def test_missing_column_names_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no column word2 among headline, word1, joke, label"):
        loaded(write_csv(tmp_path / "r.csv", rows(3), "headline", "word1", "joke", "label"), tmp_path)


@pytest.mark.parametrize(
    ("drop", "add", "told"),
    [("rated", {}, "no file for its table rated"), ("", {"gags": Path("g.csv")}, "has no such table"),
     ("", {"rated": Path("nowhere.csv")}, "cannot be read")],
)  # fmt: skip
def test_table_without_file_and_file_without_table_are_refused(tmp_path: Path, drop: str, add: dict, told: str) -> None:
    files = {name: file for name, file in data_files(tmp_path).items() if name != drop} | add
    with pytest.raises(UserError, match=told):
        load_data(load_recipe(HUMOR), files)


def test_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no rows in it"):
        loaded(write_csv(tmp_path / "r.csv", [], *COLUMNS), tmp_path)


def test_field_that_no_column_is_for_is_refused_and_not_dropped(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", rows(3), *COLUMNS)
    path.write_text(path.read_text(encoding="utf-8") + "标题,数,梯子,笑话,1,多出来的\n", encoding="utf-8")
    with pytest.raises(UserError, match="row 4: 6 fields under 5 columns; expected as many as columns"):
        loaded(path, tmp_path)
