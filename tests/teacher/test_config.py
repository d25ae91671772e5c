"""Providers: data with a schema; identity apart from runtime; a key that is asked for and never kept."""

from __future__ import annotations

import pytest

from tasks.lineage.errors import UserError
from tasks.lineage.params import undeclared_fields
from tasks.teacher.config import Models, TeacherConfig, known_providers, load_provider
from tasks.teacher.price import Peak, Price


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch):
    for name in ("COPYMILL_BASE_URL", "DEEPSEEK_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("model", [TeacherConfig, Models, Price, Peak])
def test_every_field_is_identity_or_runtime(model):
    assert undeclared_fields(model) == []


def test_identity_is_who_answers_and_nothing_of_how():
    assert load_provider("deepseek").identity() == {
        "provider": "deepseek",
        "models": {"writer": "deepseek-v4-pro", "weak": "deepseek-flash", "judge": "deepseek-v4-pro"},
        "extra_body": {"thinking": {"type": "disabled"}},
        "logprobs": 0,
    }


def test_every_named_provider_loads_and_costs_are_known_for_deepseek():
    for name in known_providers():
        assert load_provider(name).provider == name
    config = load_provider("deepseek")
    assert {price.model for price in config.prices} >= {config.models.writer, config.models.weak, config.models.judge}
    assert (config.bills, load_provider("simulator").bills) == (True, False)


def test_unknown_provider_lists_the_known():
    with pytest.raises(UserError, match="unknown provider 'openapi'; expected one of deepseek, siliconflow, simulator"):
        load_provider("openapi")


def test_overrides_replace_fields_and_single_roles():
    config = load_provider("deepseek", {"max_in_flight": 3, "models": {"weak": "small"}})
    assert (config.max_in_flight, config.models.weak, config.models.writer) == (3, "small", "deepseek-v4-pro")


def test_base_url_from_the_environment_is_runtime_only(monkeypatch):
    before = load_provider("deepseek")
    monkeypatch.setenv("COPYMILL_BASE_URL", "http://127.0.0.1:1234/v1/")
    after = load_provider("deepseek", {"base_url": "http://elsewhere"})
    assert after.base_url == "http://127.0.0.1:1234/v1"
    assert after.identity() == before.identity()


def test_another_extra_body_is_another_provider():
    thinking = load_provider("deepseek", {"extra_body": {}})
    assert thinking.provider.startswith("deepseek~")
    assert load_provider("deepseek", {"extra_body": {"thinking": {"type": "disabled"}}}).provider == "deepseek"


@pytest.mark.parametrize(
    ("overrides", "place"),
    [
        ({"rpm": 0}, "rpm"),
        ({"colour": "red"}, "colour"),
        ({"models": {"poet": "x"}}, "models.poet"),
        ({"base_url": "api.deepseek.com"}, "base_url"),
        ({"base_url": "https://user:hunter2@api.deepseek.com"}, "base_url"),
    ],
)
def test_bad_value_is_one_sentence_that_names_its_place_and_not_its_value(overrides, place):
    with pytest.raises(UserError, match=f"teacher deepseek, {place}: ") as caught:
        load_provider("deepseek", overrides)
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing_key_says_how_to_set_it(monkeypatch, value):
    if value is not None:
        monkeypatch.setenv("DEEPSEEK_API_KEY", value)
    with pytest.raises(UserError, match=r"run `export DEEPSEEK_API_KEY=\.\.\.`, or name the simulator"):
        load_provider("deepseek").api_key()


def test_key_that_no_header_can_carry_is_not_shown(monkeypatch):
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-秘密")
    with pytest.raises(UserError, match="no HTTP header can carry") as caught:
        load_provider("deepseek").api_key()
    assert "秘密" not in str(caught.value)


def test_key_is_trimmed_and_hidden(monkeypatch):
    monkeypatch.setenv("DEEPSEEK_API_KEY", " sk-abc\n")
    key = load_provider("deepseek").api_key()
    assert key.get_secret_value() == "sk-abc"
    assert "sk-abc" not in repr(key)
