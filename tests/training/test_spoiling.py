"""Each deliberate fault puts in what it is named for."""

from __future__ import annotations

from random import Random

import pytest

from tasks.training.spoiling import SPOILERS, Faults, sentences, sentences_gone, spoilt
from tests.training.tables import content_types

AD = "敏感肌总被不适困扰。净颜修护精华含泛醇，温和不刺激。立即点击选购。"
FAULTS = Faults(("效果堪称奇迹！",), (AD, "干性肌的日常护理。点击了解配方详情。", "科学配方。马上体验。"))
KIND = content_types()["paid_ad_pas"]


def test_sentences_join_to_the_text() -> None:
    assert sentences(AD) == ["敏感肌总被不适困扰。", "净颜修护精华含泛醇，温和不刺激。", "立即点击选购。"]
    assert "".join(sentences("无句号的尾巴。还有")) == "无句号的尾巴。还有"


@pytest.mark.parametrize("seed", range(5))
def test_each_fault_does_what_it_is_named_for(seed: int) -> None:
    found = {name: spoil(AD, KIND, FAULTS, Random(seed)) for name, spoil in SPOILERS.items()}
    assert found["no_call"] == AD.removesuffix("立即点击选购。")
    assert "奇迹" in found["hype"]
    assert any(label in found["labels"] for label in ("【痛点】", "痛点："))
    assert len(found["too_long"]) > KIND.max_chars
    assert found["running_on"].startswith(AD)
    assert found["running_on"].count("\n") == 2


def test_spoilt_text_names_its_faults_and_differs() -> None:
    found = [spoilt(AD, KIND, FAULTS, Random(seed)) for seed in range(40)]
    assert all(names and set(names) <= SPOILERS.keys() and text != AD for text, names in found)
    assert {name for _, names in found for name in names} == SPOILERS.keys()


def test_sentences_gone_are_those_that_the_better_text_lacks() -> None:
    pairs = [("三天见效。温和不刺激。", "温和不刺激。"), ("全网第一！温和。", "温和。"), ("全网第一！", "")]
    assert sentences_gone(pairs) == ("三天见效。", "全网第一！")
