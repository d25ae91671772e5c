"""Evaluation of a writer while it is trained on: its answers to kept-back prompts, checked by every gate.

The checkpoint is chosen by this figure and never by the reward, which is what a model learns to game. The prompts are
of train products that are not trained on; sampling is seeded by prompt, so two checkpoints differ by their weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tasks.lineage.step import Row
from tasks.training.config import GenerationParams, GrpoParams, gates_among
from tasks.training.generation import Generated, answers_of
from tasks.training.processes import from_main
from tasks.training.rewards import AnswerGates, distinct_pairs

METRIC = "eval_gates"


class GateEvaluation:
    """Figures of a model's answers to the kept-back rows."""

    def __init__(self, rows: Sequence[Row], gates: AnswerGates, tokenizer: Any, params: GrpoParams) -> None:
        self.rows, self.gates, self.tokenizer = rows, gates, tokenizer
        self.kinds = gates_among(params.parts)
        self.generation = GenerationParams(
            max_new_tokens=params.group.max_new_tokens, temperature=params.group.temperature,
            top_p=params.group.top_p, seed=params.seed, machine=params.machine,
        )  # fmt: skip

    def __call__(self, model: Any) -> dict[str, float]:
        """Return shares (0 to 1) of answers: eval_gates (pass every gate and end), eval_gate/<kind>, eval_ended; and
        eval_characters (a mean) and eval_distinct_2."""
        answers = answers_of(model, self.tokenizer, [row["prompt"] for row in self.rows], self.generation)
        return self.figures(answers)

    def figures(self, answers: Sequence[Generated]) -> dict[str, float]:
        items = [row["item_id"] for row in self.rows]
        broken = [self.gates.broken(item, found.text) for item, found in zip(items, answers, strict=True)]
        count, texts = len(answers), [found.text for found in answers]
        fit = sum(not kinds and found.ended_by_eos for kinds, found in zip(broken, answers, strict=True))
        return {
            METRIC: fit / count,
            "eval_ended": sum(found.ended_by_eos for found in answers) / count,
            "eval_characters": sum(map(len, texts)) / count,
            "eval_distinct_2": distinct_pairs(texts),
            **{f"eval_gate/{kind}": sum(kind not in kinds for kinds in broken) / count for kind in self.kinds},
        }


class ChosenByGates:
    """A trainer whose evaluation is `gate_evaluation` instead of a loss."""

    gate_evaluation: GateEvaluation

    def evaluate(self: Any, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Log and return the figures of the model as it is now."""
        metrics = from_main(self.gate_evaluation(self.model))
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics
