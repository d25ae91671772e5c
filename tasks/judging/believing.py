"""What of a judge's opinion may be shown: nothing of a refused judge, and no criterion that it does not see.

And the frozen record: by what rubric, judge, texts and seeds the opinion came about, as one digest over named ones.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from statistics import fmean
from typing import Any

from tasks.judging.certificate import Certificate, certify
from tasks.lineage.canonical import digest
from tasks.lineage.step import Inputs, Row
from tasks.teacher.config import TeacherConfig
from tasks.teacher.rubric import parse_rubrics

FROZEN_TABLES = ("products", "plants", "trials", "answers")


def certificate_of(inputs: Inputs) -> Certificate:
    """Return the certificate of a step that reads plants, trials and duels and declares the rubrics' prompts."""
    rubrics = parse_rubrics(inputs.prompts)
    criteria = dict.fromkeys(criterion.name for rubric in rubrics.values() for criterion in rubric.criteria)
    return certify(inputs.rows("plants"), inputs.rows("trials"), inputs.rows("duels"), list(criteria))


def shown_scores(scores: Sequence[Row], certificate: Certificate) -> list[Row]:
    """Return the score rows without dropped criteria, each `score` the mean of what is left; none if refused."""
    if certificate.hides:
        return []
    dropped = {one.criterion for one in certificate.dropped}
    kept = (without(row, dropped) for row in scores)
    return [row for row in kept if row["criteria"] or row["status"] != "judged"]


def without(row: Row, dropped: Collection[str]) -> Row:
    criteria = [entry for entry in row["criteria"] or () if entry["name"] not in dropped]
    score = fmean(entry["score"] for entry in criteria) if criteria else None
    return {**row, "criteria": criteria, "score": score}


def shown_duels(duels: Sequence[Row], certificate: Certificate) -> list[Row]:
    return [] if certificate.hides else list(duels)


def frozen_record(inputs: Inputs) -> dict[str, Any]:
    """Return the digest of all that the judge's opinion rests on, and its named components.

    Whoever changes a component after having seen a result gets another digest: two reports with the same one were
    judged by the same rubric, judge, plants and texts.
    """
    teacher: TeacherConfig = inputs.source("teacher")
    judge = {"provider": teacher.provider, "model": teacher.model_for("judge")}
    components: Mapping[str, str] = {
        "judge": digest([judge, teacher.extra_body]),
        "guide": inputs.digest("guide"),
        "content_types": inputs.digest("content_types"),
        **{f"prompts/{path}": digest(text) for path, text in sorted(inputs.prompts.items())},
        **{name: inputs.digest(name) for name in FROZEN_TABLES},
    }
    seeds = sorted({row["seed"] for row in inputs.rows("plants")})
    return {"digest": digest([components, seeds]), "judge": judge, "seeds": seeds, "components": dict(components)}
