"""The flow of texts through the rounds: how many stood where after each stage, and the bands that show it.

Stages: the draft as it was written, the draft after free repairs, then each paid round. At a stage a text is accepted,
quarantined, failed, or held up by one kind of fault: the first of `states` that it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tasks.lineage.step import Row
from tasks.reporting.rounds import answers, ends, kinds

WIDTH, HEIGHT = 1000.0, 400.0
NODE = 9.0  # width of a node
GAP = 7.0  # room between the nodes of a stage
NAMED = 7  # kinds of fault with a band of their own; the rarer ones share one
ENDS = ("accepted", "quarantined", "failed")
OTHER = "other"
Figures = dict[str, Any]


def flow_figures(copy: Sequence[Row], kind_of: Mapping[str, str]) -> Figures:
    """Return {stages, states, counts, links}.

    stages: "written", "mended", then the numbers of the paid rounds. states: in the order of the bands. counts: for
    each stage, state -> texts. links: [stage, from, to, texts], stage being the number of the stage that they leave.
    """
    last = max((max(stood) + (row["status"] == "failed") for row in copy if (stood := ends(row))), default=0)
    stages: list[str | int] = ["written", "mended", *range(1, last + 1)]
    ranked = ranking(copy, kind_of)
    states = ["accepted", *ranked[:NAMED], *([OTHER] if ranked[NAMED:] else []), "quarantined", "failed"]
    paths = [path(row, last, ranked, kind_of) for row in copy]
    counts = [Counter(states_then) for states_then in zip(*paths, strict=True)]
    present = [state for state in states if any(count[state] for count in counts)]
    moves = Counter((stage, was, became) for each in paths for stage, (was, became) in enumerate(pairwise(each)))
    place = {state: at for at, state in enumerate(states)}
    ordered = sorted(moves, key=lambda move: (move[0], place[move[1]], place[move[2]]))
    return {
        "stages": stages,
        "states": present,
        "counts": [{state: count[state] for state in present} for count in counts],
        "links": [[*move, moves[move]] for move in ordered],
    }


def ranking(copy: Sequence[Row], kind_of: Mapping[str, str]) -> list[str]:
    """Return the kinds of fault, those that most texts had at some time first."""
    met = Counter(
        kind for row in copy for kind in {kind for entry in row["history"] or () for kind in kinds(row, entry, kind_of)}
    )
    return sorted(met, key=lambda kind: (-met[kind], kind))


def path(row: Row, last: int, ranked: Sequence[str], kind_of: Mapping[str, str]) -> list[str]:
    """Return the state of one text at each stage. One whose call failed stays what it was for its last round."""
    written, stood, status = answers(row), ends(row), row["status"]
    if not stood:
        return [status] * (last + 2)
    final = max(stood)
    open_until = final if status == "failed" else final - 1
    after = [
        state_of(row, stood[number], ranked, kind_of) if number <= open_until else status for number in range(last + 1)
    ]
    return [state_of(row, written[0], ranked, kind_of), *after]


def state_of(row: Row, entry: Row, ranked: Sequence[str], kind_of: Mapping[str, str]) -> str:
    found = kinds(row, entry, kind_of)
    if not found:
        return "accepted"
    first = next(at for at, kind in enumerate(ranked) if kind in found)
    return ranked[first] if first < NAMED else OTHER


@dataclass(frozen=True, slots=True)
class Node:
    """A state at a stage, as a box (x, y, width NODE, height) in a WIDTH x HEIGHT picture."""

    stage: int
    state: str
    texts: int
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Band:
    """Texts on their way from one stage to the next: SVG path data. became: the state they arrive in."""

    stage: int
    was: str
    became: str
    texts: int
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """tones: state -> the class of its colour (k0, k1, ... for kinds of fault, by rank)."""

    nodes: list[Node]
    bands: list[Band]
    tones: dict[str, str]


def drawing(flow: Figures) -> Drawing:
    """Return the picture of a flow: every text has the same height at every stage."""
    counts, states = flow["counts"], flow["states"]
    total = max((sum(count.values()) for count in counts), default=0)
    if not total or len(counts) < 2:
        return Drawing([], [], {})
    unit = (HEIGHT - GAP * (len(states) - 1)) / total
    step = (WIDTH - NODE) / (len(counts) - 1)
    nodes = [node for stage, count in enumerate(counts) for node in column(stage, count, states, stage * step, unit)]
    return Drawing(nodes, bands(flow["links"], nodes, unit), tones(states))


def moves(flow: Figures) -> list[tuple[int, str, list[tuple[str, int]]]]:
    """Return (stage, state, [(state after the next stage, texts)]) for all states that are not the end."""
    found: dict[tuple[int, str], list[tuple[str, int]]] = {}
    for stage, was, became, texts in flow["links"]:
        if was not in ENDS:
            found.setdefault((stage, was), []).append((became, texts))
    return [(stage, was, after) for (stage, was), after in found.items()]


def tones(states: Sequence[str]) -> dict[str, str]:
    faults = [state for state in states if state not in (*ENDS, OTHER)]
    known = {"accepted": "ok", "quarantined": "stop", "failed": "stop", OTHER: "rest"}
    return {state: known[state] if state in known else f"k{faults.index(state)}" for state in states}


def column(stage: int, count: Mapping[str, int], states: Sequence[str], x: float, unit: float) -> list[Node]:
    """Return the boxes of one stage, from the top in the order of the states."""
    found, y = [], 0.0
    for state in states:
        height = count[state] * unit
        if height:
            found.append(Node(stage, state, count[state], x, y, height))
            y += height + GAP
    return found


def bands(links: Sequence[Sequence[Any]], nodes: Sequence[Node], unit: float) -> list[Band]:
    """Return the bands; those that leave or reach a node are stacked in the order of the states."""
    box = {(node.stage, node.state): node for node in nodes}
    left: Counter[tuple[int, str]] = Counter()
    reached: Counter[tuple[int, str]] = Counter()
    found = []
    for stage, was, became, texts in links:
        start, end = box[stage, was], box[stage + 1, became]
        top, bottom = start.y + left[stage, was] * unit, end.y + reached[stage + 1, became] * unit
        left[stage, was] += texts
        reached[stage + 1, became] += texts
        found.append(Band(stage, was, became, texts, band(start.x + NODE, top, end.x, bottom, texts * unit)))
    return found


def band(x: float, y: float, to_x: float, to_y: float, height: float) -> str:
    """Return a band of even height from one point to another, as SVG path data."""
    middle = (x + to_x) / 2
    return (
        f"M{x:.1f} {y:.2f}C{middle:.1f} {y:.2f} {middle:.1f} {to_y:.2f} {to_x:.1f} {to_y:.2f}"
        f"v{height:.2f}C{middle:.1f} {to_y + height:.2f} {middle:.1f} {y + height:.2f} {x:.1f} {y + height:.2f}z"
    )
