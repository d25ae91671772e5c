"""The published figures of precision and recall are true, and no change of a rule lowers them unseen."""

import pytest

from bench import compliance_quality as quality


def shares(part: str) -> tuple[float, float]:
    """Return the recall on planted violations, and the share of harmless sentences that are blocked."""
    planted, harmless = quality.judged(f"evasive_{part}"), quality.judged(f"benign_{part}")
    return sum(bool(item.found) for item in planted) / len(planted), sum(i.blocked for i in harmless) / len(harmless)


@pytest.mark.parametrize(
    ("part", "least", "most"), [("dev", 0.98, 0.01), ("heldout", 0.98, 0.015), ("fresh", 0.965, 0.01)]
)
def test_planted_violations_are_found_and_harmless_sentences_pass(part, least, most):
    recall, blocked = shares(part)
    assert recall >= least
    assert blocked <= most


def test_published_figures_are_those_of_today():
    assert quality.DOC.read_text(encoding="utf-8") == quality.document(), "run: bench/compliance_quality.py --write"
