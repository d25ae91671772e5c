"""What code and the frozen reward model find in every answer."""

from __future__ import annotations

from tasks.lineage.step import Inputs, Row
from tasks.recipes.gates import RecipeGates
from tasks.recipes.tables import asked


def compute_verdicts(inputs: Inputs) -> list[Row]:
    """Return a row an answer: the gates that apply and those it breaks, whether it passes them and ends, its length.

    known: whether it stands word for word among the train side's texts.
    """
    gates = RecipeGates(list(asked(inputs, "val").values()), inputs.source("gates"))
    known = {row["text"] for row in inputs.rows("examples") if row["split"] == "train"}
    return [verdict(gates, row, known) for row in inputs.rows("answers")]


def verdict(gates: RecipeGates, answer: Row, known: set[str]) -> Row:
    broken = gates.broken(answer["item_id"], answer["text"])
    return {
        **{name: answer[name] for name in ("answer_id", "system", "subject", "task", "ended_by_eos")},
        "gates": gates.applying(answer["item_id"]),
        "broken": sorted(broken),
        "passes": not broken and answer["ended_by_eos"],
        "chars": len(answer["text"]),
        "known": answer["text"] in known,
    }


def compute_scores(inputs: Inputs) -> list[Row]:
    """Return the frozen reward model's score of each answer, in (0, 1) as GRPO was rewarded with it."""
    from tasks.training.runtime import prepare

    prepare(inputs.params.machine)
    from tasks.training.scoring import load_reward

    scorer, calibration = load_reward(inputs.folder("reward_model"), inputs.params)
    rows = inputs.rows("answers")
    found = scorer.scores([row["prompt"] for row in rows], [row["text"] for row in rows])
    return [
        {
            **{name: row[name] for name in ("answer_id", "system", "subject", "task")},
            "reward": round(calibration.bounded(score), 4),
        }
        for row, score in zip(rows, found, strict=True)
    ]
