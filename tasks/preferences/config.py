"""Parameters of negatives and pairs."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from tasks.lineage.params import Ident, Params

Method = Literal["weak", "exaggerated", "fake"]

# A weak text that breaks one of these would teach the rule, which the gates know already, instead of the writing.
HARD_GATES = (
    "forbidden_word",
    "framework_label",
    "length",
    "call_to_action",
    "hashtags",
    "format",
    "absolute_claim",
    "medical_claim",
)


class Weights(Params):
    """Shares of the methods among the selected pairs, in any unit."""

    weak: Ident[int] = Field(default=50, ge=0)
    exaggerated: Ident[int] = Field(default=30, ge=0)
    fake: Ident[int] = Field(default=20, ge=0)

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if not any(self.by_method().values()):
            raise ValueError("at least one method needs a weight above 0")
        return self

    def by_method(self) -> dict[Method, int]:
        return {"weak": self.weak, "exaggerated": self.exaggerated, "fake": self.fake}


class PairParams(Params):
    """Parameters of NEGATIVES and PAIRS alike; both steps take the same values.

    seed: of the assignment. attempts: calls for one negative before it is dropped. length_band: how far the length of
    a weak or exaggerated text may be from the chosen one's, as a share. longer_share: of the items whose rejected text
    is to be longer than the chosen one; above a half, since chosen ads that fill their limit leave no room above.
    hard_gates: kinds that a weak text must pass. resample: raised to buy new answers to the same questions.
    weak_proof: `judge` has a judge that passed its trial compare a weak text with the chosen one in both orders; `none`
    leaves weak pairs unproven, as a judge that failed its trial does.
    """

    weights: Ident[Weights] = Weights()
    seed: Ident[int] = 11
    attempts: Ident[int] = Field(default=3, ge=1, le=20)
    length_band: Ident[float] = Field(default=0.15, gt=0, le=1)
    longer_share: Ident[float] = Field(default=0.55, ge=0, le=1)
    hard_gates: Ident[tuple[str, ...]] = HARD_GATES
    resample: Ident[int] = Field(default=0, ge=0)
    weak_proof: Ident[Literal["judge", "none"]] = "judge"


class TrialParams(Params):
    """How the judge of weak pairs is tried. plants: planted weak texts, of train products; seed: of their choice.

    12 plants, all told right in both orders, are the fewest that can pass.
    """

    plants: Ident[int] = Field(default=40, ge=1, le=1000)
    seed: Ident[int] = 29
