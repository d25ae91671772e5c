"""What GRPO is rewarded for: the frozen reward model, ending by EOS, and each gate (a brand's: the compliance checker).

Every part is a reward function of its own, so that TRL logs each apart; the weights decide which count. A gate of
weight 0 is measured and never rewarded: when the reward rises and that gate falls, the model is gaming its reward.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from tasks.brief.model import ContentType, Product
from tasks.brief.steps import product_of
from tasks.compliance import check
from tasks.lineage.errors import UserError
from tasks.lineage.step import Inputs, Row
from tasks.training.config import Weights, gates_among
from tasks.training.scoring import Calibration, Scorer

RewardFunction = Callable[..., Any]
PARTS = tuple(Weights.model_fields)
GATES = gates_among(PARTS)


class AnswerGates(Protocol):
    """Which gates an answer breaks: the compliance checker's for a brand, its own rules for a recipe."""

    def broken(self, item_id: str, text: str) -> frozenset[str]:
        """Return the kinds of gates that a text for the task of a GRPO row breaks."""
        ...


GatesOf = Callable[[Inputs, Sequence[Row]], AnswerGates]


def part_weights(weights: Mapping[str, float]) -> list[float]:
    """Return the weight of every part, in order.

    Raises:
        UserError: all weights are 0, or no gate is left unrewarded to tell the truth.
    """
    found = list(weights.values())
    if not any(found):
        raise UserError("grpo_model.weights", "all are 0", "at least one above 0", "reward something")
    if all(weights[gate] for gate in gates_among(weights)):
        raise UserError(
            "grpo_model.weights", "every gate is rewarded", "one gate that never is, to see a gamed reward",
            "set one of them to 0",
        )  # fmt: skip
    return found


class Gates:
    """The compliance checker over one set of GRPO rows.

    rows: the grpo table, whose `item_id` travels with every prompt and leads to its product and content type.
    """

    def __init__(self, rows: Sequence[Row], types: Mapping[str, ContentType], rules: Any) -> None:
        self.subjects: dict[str, tuple[Product, ContentType]] = {
            row["item_id"]: (product_of(row), types[row["content_type"]]) for row in rows
        }
        self.rules = rules
        self.broken = lru_cache(maxsize=4096)(self.broken_gates)

    def broken_gates(self, item_id: str, text: str) -> frozenset[str]:
        """Return the kinds of gates that the text breaks."""
        product, content_type = self.subjects[item_id]
        return frozenset(reason.kind for reason in check(text, product, content_type, self.rules).blocking)


def compliance_gates(inputs: Inputs, rows: Sequence[Row]) -> Gates:
    """Return a brand's gates over GRPO rows."""
    return Gates(rows, inputs.source("content_types"), inputs.source("rules"))


class Rewards:
    """The reward functions over one set of GRPO rows.

    parts: what the reward is made of, in the order in which it is weighed and logged.
    """

    def __init__(
        self, gates: AnswerGates, parts: Sequence[str], scorer: Scorer, calibration: Calibration, ends: Sequence[int]
    ) -> None:
        self.gates, self.parts = gates, tuple(parts)
        self.scorer, self.calibration, self.ends = scorer, calibration, frozenset(ends)

    def functions(self) -> list[Any]:
        """Return one function a part, in order, each named as its part: TRL logs it by that name."""
        own: dict[str, RewardFunction] = {"reward_model": self.reward_model, "ended": self.ended}
        return [named(own[part], part) if part in own else self.gate(part) for part in self.parts]

    def reward_model(self, prompts: Sequence[Any], completions: Sequence[Any], **kwargs: Any) -> list[float]:
        """Return the reward model's scores, brought into (0, 1)."""
        asked = [prompt[-1]["content"] for prompt in prompts]
        return [self.calibration.bounded(score) for score in self.scorer.scores(asked, texts_of(completions))]

    def ended(self, completion_ids: Sequence[Sequence[int]], **kwargs: Any) -> list[float]:
        """Return 1 where the answer ended by itself; log, and never reward, how varied the answers are."""
        if "log_metric" in kwargs:
            kwargs["log_metric"]("answers/distinct_2", distinct_pairs(texts_of(kwargs["completions"])))
        return [float(bool(ids) and ids[-1] in self.ends) for ids in completion_ids]

    def gate(self, kind: str) -> RewardFunction:
        """Return a function that gives 1 where the answer passes the gate."""

        def passes(completions: Sequence[Any], item_id: Sequence[str], **kwargs: Any) -> list[float]:
            pairs = zip(item_id, texts_of(completions), strict=True)
            return [float(kind not in self.gates.broken(item, text)) for item, text in pairs]

        return named(passes, kind)


def distinct_pairs(texts: Sequence[str]) -> float:
    """Return the share of different ones among all pairs of neighbouring characters (distinct-2), 0 without any."""
    pairs = [text[place : place + 2] for text in texts for place in range(len(text) - 1)]
    return len(set(pairs)) / len(pairs) if pairs else 0.0


def texts_of(completions: Sequence[Any]) -> list[str]:
    return [completion[-1]["content"].strip() for completion in completions]


def named(function: RewardFunction, name: str) -> RewardFunction:
    """Return the function under a name of its own; methods cannot carry one."""

    def call(*args: Any, **kwargs: Any) -> list[float]:
        return function(*args, **kwargs)

    call.__name__ = name
    return call
