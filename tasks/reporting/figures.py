"""Every figure of the report as plain values: what report.json holds and the page prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from tasks.compliance import Rules
from tasks.copywriting.model_gates import kind_of_rule
from tasks.datasets.data_card import DATASETS, data_card
from tasks.judging.believing import certificate_of, frozen_record, shown_duels, shown_scores
from tasks.judging.judge import same_family
from tasks.judging.people import people_figures, preference_of
from tasks.judging.quality import quality_figures
from tasks.judging.todo import bad_case_figures
from tasks.lineage.step import Inputs, Row
from tasks.preferences.pairs_card import pairs_card
from tasks.reporting.certificate_figures import certificate_figures
from tasks.reporting.copy_figures import copy_figures
from tasks.reporting.data_figures import split_figures
from tasks.reporting.judging_figures import judging_figures
from tasks.reporting.limits import limits
from tasks.reporting.model_figures import model_figures
from tasks.reporting.spend import CALLS, spend_figures
from tasks.teacher.config import TeacherConfig

MODELS = ("base", "sft_model", "reward_model", "grpo_model")
TABLES = (
    "products",
    "drafts",
    "copy",
    "judge_trial",
    "negatives",
    "pairs",
    *DATASETS,
    "plants",
    "trials",
    "answers",
    "verdicts",
    "scores",
    "duels",
)
SOURCES = ("guide", "content_types", "rules", "teacher", "quality", "labels")
SIMULATOR = "simulator"


def report_figures(inputs: Inputs) -> dict[str, Any]:
    """Return all figures, made of the rows, the model folders and the sources that the report reads."""
    tables = {name: inputs.rows(name) for name in TABLES}
    types = inputs.source("content_types")
    found = {
        "brand": inputs.source("guide").name,
        "teacher": teacher_figures(inputs.source("teacher")),
        "titles": {name: [kind.title_en, kind.title] for name, kind in sorted(types.items())},
        "split": split_figures(tables["products"]),
        "copywriting": copy_figures(tables["drafts"], tables["copy"], kinds_of(inputs.source("rules"), tables["copy"])),
        "data": data_card(tables),
        "pairs": pairs_card(
            tables["pairs"], sum(row["status"] == "accepted" for row in tables["copy"]), tables["judge_trial"]
        ),
        "quality": quality_figures(inputs.source("quality"), tables["copy"]),
        "models": {name: model_figures(inputs.folder(name)) for name in MODELS},
        "judging": opinion_figures(inputs, tables),
        "spend": spend_figures({name: tables[name] for name in CALLS}),
        "inputs": {name: inputs.digest(name) for name in (*SOURCES, *TABLES, *MODELS)},
        "rules": dict(inputs.parts("rules")),
    }
    return found | {"limits": limits(found)}


def opinion_figures(inputs: Inputs, tables: Mapping[str, list[Row]]) -> dict[str, Any]:
    """Return the figures of the judging, with those of the judge's opinion only as far as it may be believed.

    hidden: why its scores and duels are not among them; None where they are.
    """
    certificate, shown = certificate_of(inputs), shown_tables(inputs, tables)
    people = people_figures(inputs.source("labels"), shown["answers"], shown["duels"])
    return {
        **judging_figures(*(shown[name] for name in ("answers", "verdicts", "scores", "duels"))),
        "certificate": certificate_figures(certificate),
        "hidden": asdict(certificate.hides) if certificate.hides else None,
        "frozen": frozen_record(inputs),
        "people": people,
        "preference_of": preference_of(people),
        "bad_cases": bad_case_figures(shown, inputs.source("quality")),
    }


def shown_tables(inputs: Inputs, tables: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """Return the tables with the judge's scores and duels as far as they may be shown."""
    certificate = certificate_of(inputs)
    scores, duels = shown_scores(tables["scores"], certificate), shown_duels(tables["duels"], certificate)
    return {**tables, "scores": scores, "duels": duels}


def kinds_of(rules: Rules, copy: Iterable[Row]) -> dict[str, str]:
    """Return rule id -> kind, of the rules in force and of what model gates refused texts for."""
    found = {rule for row in copy for entry in row["history"] or () for rule in entry["reasons"]}
    judged = {rule: kind for rule in sorted(found) if (kind := kind_of_rule(rule))}
    return {rule.id: rule.kind for rule in rules.rules} | judged


def teacher_figures(teacher: TeacherConfig) -> dict[str, Any]:
    """Return who wrote and who judged; simulated means that no real model did."""
    models = {role: teacher.model_for(role) for role in ("writer", "weak", "judge")}
    return {
        "provider": teacher.provider,
        "simulated": teacher.provider.split("~")[0] == SIMULATOR,
        "bills": teacher.bills,
        "models": models,
        "same_family": same_family(models["writer"], models["judge"]),
    }
