"""Rubric scores: the judge's opinion of one text, criterion by criterion, each with a quote that must stand in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from statistics import fmean
from typing import Any

from tasks.judging.comparison import item_key
from tasks.judging.judge import Bench, Bill, ask, calls_missing, each, open_bench
from tasks.lineage.canonical import digest
from tasks.lineage.step import PENDING, Inputs, Item, Report, Row
from tasks.teacher.call import Call
from tasks.teacher.criteria import SCALE
from tasks.teacher.duel import Unusable, json_object
from tasks.teacher.likelihood import expected_scores, opened
from tasks.teacher.rubric import Rubric

PROMPT = "judge_score.j2"


class Scored(dict[str, tuple[float, str]]):
    """Criterion -> (score, evidence). by: how the scores were read, `likelihood` (expected values) or `answer`."""

    by: str = "answer"


def wanted_scores(inputs: Inputs) -> list[Item]:
    """Return one item an answer whose item has an accepted reference; the key is the rendered question."""
    bench, answers = open_bench(inputs, PROMPT), inputs.rows("answers")
    pending = {row["answer_id"] for row in answers if row["row_digest"] == PENDING}
    return [score_item(bench, row, inputs.params, row["answer_id"] in pending) for row in judged_answers(answers)]


def judged_answers(answers: list[Row]) -> list[Row]:
    """Return the answers that were made, or will be, for items that have (or may get) a reference."""
    made = [row for row in answers if row["status"] == "made" or row["row_digest"] == PENDING]
    kept = {item_key(row) for row in made if row["system"] == "reference"}
    return [row for row in made if item_key(row) in kept]


def score_item(bench: Bench, row: Row, params: Any, pending: bool) -> Item:
    data = {name: row[name] for name in ("answer_id", "system", "product_id", "content_type")}
    components = bench.components(row["product_id"], row["content_type"])
    if pending:
        return Item(row["answer_id"], PENDING, {**components, "above.answer": PENDING}, data, row["content_type"])
    call = score_call(bench, row)
    key = digest([call.key(bench.teacher.provider), params.identity()])
    components["above.answer"] = digest(row["text"])
    return Item(row["answer_id"], key, components, data, row["content_type"])


def score_call(bench: Bench, answer: Row) -> Call:
    rubric = bench.rubrics[bench.content_types[answer["content_type"]].family]
    criteria = [{"name": criterion.name} for criterion in rubric.criteria]
    about = {"criteria": criteria, "text": answer["text"]}
    call = bench.question("score", answer["product_id"], answer["content_type"], about)
    return replace(call, top_logprobs=bench.teacher.logprobs)


async def make_scores(items: list[Item], inputs: Inputs, services: Any, report: Report) -> list[Row]:
    """Return a row a text: criteria with score (1 to 5, mean of the repeats) and evidence, and their mean."""
    bench = open_bench(inputs, PROMPT)
    answers = {row["answer_id"]: row for row in inputs.rows("answers")}

    async def one(item: Item) -> Row:
        return await score_row(bench, answers[item.id], services.teacher, inputs.params)

    return await each(items, one, report)


async def score_row(bench: Bench, answer: Row, teacher: Any, params: Any) -> Row:
    """Return the score row of one answer; a repeat without a usable answer makes the row `unparsed` or `failed`."""
    rubric = bench.rubrics[bench.content_types[answer["content_type"]].family]
    call, bill = score_call(bench, answer), Bill([])
    row = {name: answer[name] for name in ("answer_id", "system", "product_id", "content_type")}
    repeats: list[Scored] = []
    for repeat in range(params.repeats):
        scored, status, error = await ask(teacher, call, lambda text: read_scores(text, rubric), params, bill, repeat)
        if scored is None:
            nothing: Row = {"criteria": [], "score": None, "scored_by": "", "status": status, "error": error}
            return {**row, **nothing, **bill.columns()}
        repeats.append(scored)
    criteria = [mean_criterion(criterion.name, repeats, answer["text"]) for criterion in rubric.criteria]
    score = fmean(criterion["score"] for criterion in criteria)
    by = "likelihood" if all(scored.by == "likelihood" for scored in repeats) else "answer"
    made: Row = {"criteria": criteria, "score": score, "scored_by": by, "status": "judged", "error": ""}
    return {**row, **made, **bill.columns()}


def score_calls(items: list[Item], inputs: Inputs, services: Any) -> tuple[int, int]:
    """Return how many calls these items need now, (at least, at most)."""
    bench, params = open_bench(inputs, PROMPT), inputs.params
    answers = {row["answer_id"]: row for row in inputs.rows("answers")}
    calls = [None if item.pending else score_call(bench, answers[item.id]) for item in items]
    return calls_missing(calls, params.repeats, params, bench.teacher.provider, services.journal)


def mean_criterion(name: str, repeats: list[Scored], text: str) -> Row:
    score, evidence = fmean(scored[name][0] for scored in repeats), repeats[0][name][1]
    return {"name": name, "score": score, "evidence": evidence, "quoted": quoted(evidence, text)}


def read_scores(answer: str, rubric: Rubric) -> Scored:
    """Return criterion -> (score, evidence) of a judge's JSON answer.

    A score is its expected value where the answer came with the likelihoods of all its scores, else the one it names.

    Raises:
        Unusable: not JSON, a criterion missing, unknown or twice, a score outside 1 to 5, evidence that is no text.
    """
    written, likelihoods = opened(answer)
    listed = json_object(written).get("criteria")
    if not isinstance(listed, list):
        raise Unusable("no list `criteria`")
    scored, likely = Scored(), expected_scores(likelihoods, len(listed))
    scored.by = "likelihood" if likely else "answer"
    for place, entry in enumerate(listed):
        name, score, evidence = criterion_of(entry)
        score = likely[place] if likely else score
        if name in scored:
            raise Unusable(f"criterion {name} stands twice")
        scored[name] = (score, evidence)
    expected = {criterion.name for criterion in rubric.criteria}
    if scored.keys() != expected:
        missing, unknown = sorted(expected - scored.keys()), sorted(scored.keys() - expected)
        raise Unusable(f"criteria missing {missing}, unknown {unknown}")
    return scored


def criterion_of(entry: object) -> tuple[str, float, str]:
    if not isinstance(entry, Mapping):
        raise Unusable(f"a criterion that is a {type(entry).__name__}")
    name, score, evidence = str(entry.get("name"))[:60], entry.get("score"), entry.get("evidence", "")
    if isinstance(score, bool) or not isinstance(score, int | float) or not SCALE[0] <= score <= SCALE[-1]:
        raise Unusable(f"{name}: score {score!r:.40} is not a number from 1 to 5")
    if not isinstance(evidence, str):
        raise Unusable(f"{name}: evidence is a {type(evidence).__name__}, not a text")
    return name, float(score), evidence


def quoted(evidence: str, text: str) -> bool:
    """Return whether the evidence stands in the text, whatever its spacing and width; a blank one quotes nothing."""
    wanted = _plain(evidence)
    return bool(wanted) and wanted in _plain(text)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).strip("\"'“”‘’…")
