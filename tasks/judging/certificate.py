"""The judge's certificate: what it was tried on, whether it is trusted, provisional or refused, and why.

Pure: plants, trials and duels in, a certificate out. A defect that the judge does not see takes the criterion with it
that the defect belongs to; a fault of the judge as a whole refuses all of it, unless the method corrects for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tasks.judging import certificate_texts as texts
from tasks.judging import lines
from tasks.judging import trial_figures as figures
from tasks.judging.conclusion import Said
from tasks.judging.defects import DEFECTS, GRID, Defect
from tasks.judging.lines import Level, Line
from tasks.judging.statistics import Estimate
from tasks.judging.trial_figures import Gap, Outcome
from tasks.lineage.step import Row

Status = Literal["trusted", "provisional", "refused"]
LURES = ("padding", "markdown", "padded_markdown", "hollow_longer")


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure of the judge as a whole. corrected: refused by its line, and made harmless by how duels count."""

    id: str
    title: Said
    figure: Estimate | None
    line: Line
    level: Level
    said: Said
    corrected: bool = False

    @property
    def weighs(self) -> Level:
        return "provisional" if self.corrected else self.level


@dataclass(frozen=True, slots=True)
class Cell:
    """One defect on one criterion. accuracy: lost to the original in both orders; gap: original's score minus its."""

    criterion: str
    accuracy: Estimate | None
    level: Level
    gap: Estimate | None


@dataclass(frozen=True, slots=True)
class DefectResult:
    """How the judge sees one defect, or treats what should make no difference."""

    defect: Defect
    planted: int
    unplanted: int
    winners: Mapping[str, int]
    accuracy: Estimate | None
    chosen: Estimate | None
    level: Level
    cells: tuple[Cell, ...]
    said: Said


@dataclass(frozen=True, slots=True)
class Dropped:
    """A criterion whose scores are not shown, and why."""

    criterion: str
    said: Said


@dataclass(frozen=True, slots=True)
class Certificate:
    """reasons: what decided the status, the weightiest first. untested: criteria of which too few
    plants, or none, say anything."""

    status: Status
    reasons: tuple[Said, ...]
    causes: tuple[str, ...]
    findings: tuple[Finding, ...]
    defects: tuple[DefectResult, ...]
    dropped: tuple[Dropped, ...]
    untested: tuple[str, ...]
    grid: Mapping[tuple[str, str], Mapping[str, int]]

    @property
    def hides(self) -> Said | None:
        """Return why the judge's scores and duels are hidden; None where they are shown."""
        return texts.hidden(self.reasons) if self.status == "refused" else None


def certify(plants: Sequence[Row], trials: Sequence[Row], duels: Sequence[Row], criteria: Sequence[str]) -> Certificate:
    """Return the certificate of the judge that gave these answers.

    Args:
        plants, trials: only the `test` side counts; `tune` plants were seen by whoever wrote the rubric.
        duels: the natural pairs.
        criteria: names of all rubrics' criteria.
    """
    test = [row for row in trials if row["side"] == "test"]
    found, gaps = figures.outcomes(test), list(figures.gaps(test))
    results = tuple(defect_result(defect, plants, found, gaps) for defect in DEFECTS)
    findings = tuple(findings_of(test, duels, found, gaps))
    dropped = tuple(dropped_criteria(results))
    tested = {one.criterion for result in results for one in result.cells if one.level != "too_few"}
    kept = set(criteria) - {one.criterion for one in dropped}
    status, causes, reasons = conclude(findings, results, dropped, bool(kept))
    untested = tuple(name for name in dict.fromkeys(criteria) if name not in tested)
    grid = {cell: Counter(one.winner for one in found if one.defect == name) for cell, name in GRID.items()}
    return Certificate(status, reasons, causes, findings, results, dropped, untested, grid)


# -- defects -----------------------------------------------------------------------------------------------------------


def defect_result(defect: Defect, plants: Sequence[Row], found: Sequence[Outcome], gaps: Sequence[Gap]) -> DefectResult:
    mine = [one for one in found if one.defect == defect.id]
    tried = [row for row in plants if row["defect"] == defect.id and row["side"] == "test"]
    accuracy = figures.told_apart(mine) if defect.role == "worse" else None
    level = lines.ACCURACY.level(accuracy) if defect.role == "worse" else "trusted"
    cells = tuple(cell(name, mine, gaps) for name in sorted({one.criterion for one in mine} - {""}))
    return DefectResult(
        defect=defect,
        planted=sum(row["status"] == "made" for row in tried),
        unplanted=sum(row["status"] == "unplanted" for row in tried),
        winners=Counter(one.winner for one in mine),
        accuracy=accuracy,
        chosen=figures.chosen(mine),
        level=level,
        cells=cells,
        said=texts.defect_said(defect, accuracy, level),
    )


def cell(criterion: str, outcomes: Sequence[Outcome], gaps: Sequence[Gap]) -> Cell:
    mine = [one for one in outcomes if one.criterion == criterion]
    ids = {one.plant_id for one in mine}
    accuracy = figures.told_apart(mine)
    gap = figures.mean_gap(one for one in gaps if one.plant_id in ids)
    return Cell(criterion, accuracy, lines.ACCURACY.level(accuracy), gap)


def dropped_criteria(results: Sequence[DefectResult]) -> list[Dropped]:
    """Return the criteria that a defect of theirs refuses: not told apart, or not scored lower."""
    dropped: dict[str, Dropped] = {}
    for result in results:
        for one in result.cells:
            blind = one.level == "refused" or (one.level == "too_few" and result.level == "refused")
            if blind:
                dropped.setdefault(one.criterion, Dropped(one.criterion, texts.blind(one.criterion, result.defect)))
            elif unmoved(one.gap):
                dropped.setdefault(one.criterion, Dropped(one.criterion, texts.unmoved(one.criterion, result.defect)))
    return sorted(dropped.values(), key=lambda one: one.criterion)


def unmoved(gap: Estimate | None) -> bool:
    """Return whether enough plants show no drop of the score that must drop."""
    return gap is not None and not lines.ACCURACY.few(gap) and (gap.low or 0.0) <= 0


# -- the judge as a whole ----------------------------------------------------------------------------------------------


def findings_of(
    trials: Sequence[Row], duels: Sequence[Row], found: Sequence[Outcome], gaps: Sequence[Gap]
) -> list[Finding]:
    """Return the figures of the judge as a whole, in the order in which they explain a refusal."""
    opinions = {defect.id for defect in DEFECTS if defect.role == "worse" and not defect.by_code}
    by_defect = {name: [one for one in found if one.defect == name] for name in {one.defect for one in found}}
    swaps = finding("swap", lines.SWAPPED, figures.swap_consistency(duels))
    first = finding("first_place", lines.FIRST, figures.first_share(duels))
    repeats = finding("repeats", lines.REPEATED, figures.repeat_agreement(trials))
    lured = [finding(f"lured_{name}", lines.LURED, figures.chosen(by_defect.get(name, []))) for name in LURES]
    if repeats.level == "refused":
        lured = [replace(one, said=texts.by_chance(one.said, one.level)) for one in lured]
    return [
        finding("unread", lines.UNREAD, figures.unread_share(trials)),
        finding("obeyed", lines.OBEYED, figures.obeyed(by_defect.get("injection", []), gaps)),
        corrected(first, swaps),
        repeats,
        *lured,
        finding("accuracy", lines.ACCURACY, figures.told_apart(one for one in found if one.defect in opinions)),
        swaps,
        finding("ties", lines.TIED, figures.tied(by_defect.get("control", []))),
    ]


def finding(name: str, line: Line, figure: Estimate | None) -> Finding:
    level = line.level(figure)
    return Finding(name, texts.TITLES[name], figure, line, level, texts.finding_said(name, line, figure, level))


def corrected(first: Finding, swaps: Finding) -> Finding:
    """Return the finding on first places, corrected where the judge still mostly names the same text in both orders.

    A win needs both orders, so a bias for a place makes ties and no winner. Where most pairs turn with the place, ties
    are all that is left, and there is nothing to correct.
    """
    if first.level == "refused" and swaps.level in ("trusted", "provisional"):
        return replace(first, corrected=True, said=texts.corrected(first.said))
    return first


def conclude(
    findings: Sequence[Finding], results: Sequence[DefectResult], dropped: Sequence[Dropped], any_kept: bool
) -> tuple[Status, tuple[str, ...], tuple[Said, ...]]:
    """Return (status, what caused it, the same in sentences)."""
    refused = [(one.id, one.said) for one in findings if one.weighs == "refused"]
    if not any_kept:
        refused.append(("criteria", texts.NOTHING_KEPT))
    if refused:
        return "refused", *zipped(refused)
    open_ = [(one.id, one.said) for one in findings if one.weighs != "trusted"]
    open_ += [(one.criterion, one.said) for one in dropped]
    open_ += [(one.defect.id, one.said) for one in results if one.level != "trusted"]
    if open_:
        return "provisional", *zipped(open_)
    return "trusted", (), (texts.trusted(findings, len(results)),)


def zipped(named: Sequence[tuple[str, Said]]) -> tuple[tuple[str, ...], tuple[Said, ...]]:
    return tuple(name for name, _ in named), tuple(said for _, said in named)
