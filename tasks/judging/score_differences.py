"""Differences of rubric scores between two systems on the same items: overall and criterion by criterion. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.judging.claims import Adjusted, Claim, claim, family_of
from tasks.judging.comparison import ItemKey, by_product, item_key
from tasks.lineage.step import Row
from tasks.teacher.criteria import SCALE

BOUNDS = (float(SCALE[0] - SCALE[-1]), float(SCALE[-1] - SCALE[0]))
Scores = dict[ItemKey, float]


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """Left's scores (1 to 5) minus right's, in points: `overall` is of the mean of all criteria.

    criteria: criterion -> difference after Holm over the criteria; by_type: content type -> difference of the mean of
    all criteria after Holm over the types.
    """

    left: str
    right: str
    overall: Claim
    criteria: dict[str, Adjusted]
    by_type: dict[str, Adjusted]


def score_differences(scores: Sequence[Row], pairs: Iterable[tuple[str, str]]) -> list[ScoreDifference]:
    """Return the differences of every pair that shares an item that was scored for both; judged rows only."""
    overall: dict[str, Scores] = defaultdict(dict)
    single: dict[str, dict[str, Scores]] = defaultdict(lambda: defaultdict(dict))
    for row in scores:
        if row["status"] != "judged":
            continue
        overall[row["system"]][item_key(row)] = row["score"]
        for criterion in row["criteria"]:
            single[criterion["name"]][row["system"]][item_key(row)] = criterion["score"]
    found = (_difference(left, right, overall, single) for left, right in pairs)
    return [one for one in found if one is not None]


def _difference(
    left: str, right: str, overall: dict[str, Scores], single: dict[str, dict[str, Scores]]
) -> ScoreDifference | None:
    whole = _paired(overall.get(left, {}), overall.get(right, {}))
    main = claim(by_product(whole), BOUNDS)
    if main is None:
        return None
    criteria = {name: _paired(of.get(left, {}), of.get(right, {})) for name, of in sorted(single.items())}
    types: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (product, content_type), value in sorted(whole.items()):
        types[content_type].append((product, value))
    return ScoreDifference(
        left,
        right,
        main,
        family_of({name: by_product(found) for name, found in criteria.items()}, BOUNDS),
        family_of(types, BOUNDS),
    )


def _paired(left: Scores, right: Scores) -> Scores:
    return {item: left[item] - right[item] for item in sorted(left) if item in right}
