"""The judging steps: plants and the judge's trials on them; answers of all systems, gates, scores and duels."""

from __future__ import annotations

import pyarrow as pa

from tasks.judging import answers, duels, plants, scores, trials
from tasks.judging.config import AnswerParams, DuelParams, PlantParams, ScoreParams, TrialParams, VerdictParams
from tasks.judging.plant_words import PLANT_PROMPTS
from tasks.judging.verdicts import compute_verdicts
from tasks.lineage.step import ItemStep, Table, TableStep
from tasks.teacher.rubric import RUBRICS

ROOM = "judging"
TEXT, NUMBER, WHOLE, TRUTH = pa.string(), pa.float64(), pa.int64(), pa.bool_()
TEXTS = pa.list_(TEXT)


def columns(**types: pa.DataType) -> pa.Schema:
    return pa.schema(list(types.items()))


REASONS = pa.list_(
    pa.struct(
        columns(
            rule=TEXT,
            kind=TEXT,
            severity=TEXT,
            start=WHOLE,
            end=WHOLE,
            text=TEXT,
            message=TEXT,
            message_en=TEXT,
            basis=TEXT,
            suggestion=TEXT,
        )
    )
)
CRITERIA = pa.list_(pa.struct(columns(name=TEXT, score=NUMBER, evidence=TEXT, quoted=TRUTH)))
BILL = columns(
    call_keys=TEXTS, prompt_tokens=WHOLE, cache_hit_tokens=WHOLE, completion_tokens=WHOLE, cost=NUMBER, unusable=WHOLE
)

PLANTS = ItemStep(
    name="plants",
    version=1,
    room=ROOM,
    title="Accepted texts with one known defect put in",
    reads=("products", "copy", "content_types", "rules"),
    prompts=PLANT_PROMPTS,
    params=PlantParams,
    makes=Table(
        id="plant_id",
        content=columns(
            plant_id=TEXT,
            side=TEXT,
            defect=TEXT,
            item_id=TEXT,
            product_id=TEXT,
            content_type=TEXT,
            criterion=TEXT,
            seed=WHOLE,
            original=TEXT,
            text=TEXT,
            span_start=WHOLE,
            span_end=WHOLE,
            was=TEXT,
            length_ratio=NUMBER,
            status=TEXT,
            error=TEXT,
        ),
    ),
    wanted=plants.wanted_plants,
    compute=plants.make_plants,
    batch_size=500,
)

TRIALS = ItemStep(
    name="trials",
    version=1,
    room=ROOM,
    title="The judge tried on the plants",
    reads=("products", "plants", "guide", "content_types", "teacher"),
    prompts=(duels.PROMPT, scores.PROMPT, *RUBRICS.values()),
    params=TrialParams,
    makes=Table(
        id="trial_id",
        content=columns(
            trial_id=TEXT,
            ask=TEXT,
            plant_id=TEXT,
            item_id=TEXT,
            side=TEXT,
            defect=TEXT,
            criterion=TEXT,
            product_id=TEXT,
            content_type=TEXT,
            order=TEXT,
            repeat=WHOLE,
            winner=TEXT,
            criteria=CRITERIA,
            score=NUMBER,
            unread=WHOLE,
            status=TEXT,
            error=TEXT,
        ),
        ledger=BILL,
    ),
    wanted=trials.wanted_trials,
    compute=trials.make_trials,
    calls=trials.trial_calls,
    batch_size=500,
)

ANSWERS = ItemStep(
    name="answers",
    version=1,
    room=ROOM,
    title="What the reference, base, SFT and GRPO say for every val item",
    reads=("products", "copy", "base", "sft_model", "grpo_model", "content_types"),
    params=AnswerParams,
    makes=Table(
        id="answer_id",
        content=columns(
            answer_id=TEXT,
            system=TEXT,
            item_id=TEXT,
            product_id=TEXT,
            product_name=TEXT,
            content_type=TEXT,
            text=TEXT,
            ended_by_eos=TRUTH,
            tokens=WHOLE,
            status=TEXT,
            error=TEXT,
        ),
    ),
    wanted=answers.wanted_answers,
    compute=answers.make_answers,
    batch_size=500,
)

VERDICTS = TableStep(
    name="verdicts",
    version=1,
    room=ROOM,
    title="The gates on every answer",
    reads=("products", "answers", "rules", "content_types"),
    params=VerdictParams,
    makes=Table(
        id="answer_id",
        content=columns(
            answer_id=TEXT,
            system=TEXT,
            product_id=TEXT,
            content_type=TEXT,
            accepted=TRUTH,
            gates=TEXTS,
            reasons=REASONS,
            chars=WHOLE,
            ended_by_eos=TRUTH,
            names_product=TRUTH,
            wants_call_to_action=TRUTH,
        ),
    ),
    compute=compute_verdicts,
)

SCORES = ItemStep(
    name="scores",
    version=2,
    room=ROOM,
    title="The judge's rubric scores",
    reads=("products", "answers", "guide", "content_types", "teacher"),
    prompts=(scores.PROMPT, *RUBRICS.values()),
    params=ScoreParams,
    makes=Table(
        id="answer_id",
        content=columns(
            answer_id=TEXT,
            system=TEXT,
            product_id=TEXT,
            content_type=TEXT,
            criteria=CRITERIA,
            score=NUMBER,
            scored_by=TEXT,
            status=TEXT,
            error=TEXT,
        ),
        ledger=BILL,
    ),
    wanted=scores.wanted_scores,
    compute=scores.make_scores,
    calls=scores.score_calls,
)

DUELS = ItemStep(
    name="duels",
    version=1,
    room=ROOM,
    title="Pairs of systems, judged blind in both orders",
    reads=("products", "answers", "guide", "content_types", "teacher"),
    prompts=(duels.PROMPT, *RUBRICS.values()),
    params=DuelParams,
    makes=Table(
        id="duel_id",
        content=columns(
            duel_id=TEXT,
            product_id=TEXT,
            content_type=TEXT,
            left=TEXT,
            right=TEXT,
            order=TEXT,
            winner=TEXT,
            reason=TEXT,
            status=TEXT,
            error=TEXT,
        ),
        ledger=BILL,
    ),
    wanted=duels.wanted_duels,
    compute=duels.make_duels,
    calls=duels.duel_calls,
)

STEPS = (PLANTS, TRIALS, ANSWERS, VERDICTS, SCORES, DUELS)
