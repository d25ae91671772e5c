"""Knobs from defaults, files and settings; mistakes are one sentence."""

from __future__ import annotations

import pytest

from tasks.lineage.errors import UserError
from tasks.teacher.simulator.__main__ import knob_list, main
from tasks.teacher.simulator.knobs import Knobs, load_knobs


def test_settings_win_over_a_file_and_a_file_over_the_defaults(tmp_path):
    file = tmp_path / "knobs.yaml"
    file.write_text("repair_p: 0.5\nfaults: {storm: 4, key: abc}\n")
    knobs = load_knobs(file, ["faults.storm=9", "judge.obeys_injection=true"])
    assert (knobs.repair_p, knobs.faults.storm, knobs.faults.key) == (0.5, 9, "abc")
    assert knobs.judge.obeys_injection is True
    assert knobs.new_defect_p == Knobs().new_defect_p


def test_listed_knobs_can_be_given_back():
    settings = [line.strip() for line in knob_list().splitlines()]
    assert len(settings) > 40
    assert load_knobs(settings=settings) == Knobs()


@pytest.mark.parametrize("setting", ["faults.sturm=1", "repair_p=2", "repair_p", "=3", "faults=1", "seed=x"])
def test_wrong_setting_is_one_sentence(setting, capsys):
    assert main([setting]) == 2
    said = capsys.readouterr().err
    assert "expected" in said and said.count("\n") == 1


@pytest.mark.parametrize("content", ["[1]", "a: [", "\xff\xfe"])
def test_wrong_file_is_one_sentence(tmp_path, content):
    file = tmp_path / "knobs.yaml"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(UserError):
        load_knobs(file)
    with pytest.raises(UserError, match="cannot be read"):
        load_knobs(tmp_path / "none.yaml")


def test_turning_one_knob_leaves_the_others():
    turned = Knobs(seed=4).turned({"defects": {"paid_ad": {"length": 1.0}}})
    assert turned.seed == 4
    assert turned.defects.paid_ad.length == 1.0
    assert turned.defects.paid_ad.call_to_action == Knobs().defects.paid_ad.call_to_action
    assert turned.defects.social == Knobs().defects.social
