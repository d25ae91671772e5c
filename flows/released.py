"""`copymill check --released`: what left the house, judged by the rules, sheets and channels of today.

A text that went out in several releases of a channel is judged once. A product that left the list is judged by the
sheet that was stored with the release, and told as unknown. What was withdrawn is not judged.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from flows.findings import finding_lines
from flows.releases import Release, Releases, Withdrawal, releases_of, this_moment
from tasks.brief.model import ContentType, Product
from tasks.compliance import Reason, Rules, check
from tasks.compliance.channels import Channel, marks_of
from tasks.compliance.check_file import unknown_product
from tasks.compliance.normal import dense_of
from tasks.lineage.canonical import digest
from tasks.lineage.errors import UserError
from tasks.lineage.step import Row


@dataclass(frozen=True)
class Published:
    """One text on one channel, and the releases that carried it, oldest first. row: of the newest of them."""

    row: Row
    releases: tuple[Release, ...]

    @property
    def newest(self) -> Release:
        return self.releases[-1]


@dataclass(frozen=True)
class Today:
    """What texts are judged by today. brand: its id. by_name: dense name -> sheet, where a product's id has changed."""

    brand: str
    rules: Rules
    content_types: Mapping[str, ContentType]
    channels: Mapping[str, Channel]
    by_id: Mapping[str, Product]
    by_name: Mapping[str, Product]


@dataclass(frozen=True)
class Judged:
    """A published text and what is wrong with it today.

    sheet: `today`, or `release` where the product left the list. missing: marks that the channel asks for today and
    the text does not bear. newer: a later release that has another text of this item on this channel. told: finding ->
    when it was told first.
    """

    published: Published
    reasons: tuple[Reason, ...]
    sheet: str
    missing: tuple[str, ...]
    newer: str | None
    told: Mapping[str, str]

    @property
    def accepted(self) -> bool:
        return not self.missing and not any(reason.severity == "block" for reason in self.reasons)

    def key(self, fault: Reason | str) -> str:
        """Return what a finding (a reason, or the kind of a missing mark) is remembered by when it has been told."""
        row = self.published.row
        found = [fault] if isinstance(fault, str) else [fault.rule, fault.start, fault.end]
        return digest([row["item_id"], row["channel"], row["text_original"], *found])[:16]

    def first_told(self, fault: Reason | str) -> str | None:
        return self.told.get(self.key(fault))

    def faults(self) -> list[Reason | str]:
        """Return what breaks today's rules: blocking reasons and missing marks."""
        return [*(reason for reason in self.reasons if reason.severity == "block"), *self.missing]

    def as_dict(self) -> dict[str, Any]:
        row, releases = self.published.row, self.published.releases
        named = {name: row[name] for name in ("item_id", "product_id", "product_name", "content_type", "channel")}
        return {
            **named,
            "releases": [release.id for release in releases],
            "released": releases[0].released,
            "newer_release": self.newer,
            "sheet": self.sheet,
            "text": row["text_original"],
            "accepted": self.accepted,
            "missing_marks": [{"mark": kind, "told": self.first_told(kind)} for kind in self.missing],
            "reasons": [{**reason.as_dict(), "told": self.first_told(reason)} for reason in self.reasons],
        }


def check_released(home: Path, today: Today, format_: str, console: Console, err: Console, now: str = "") -> int:
    """Judge every released text and print those that break today's rules; return 1 where there is one, else 0.

    JSON is one object for each released text with a reason, warnings included; `told` says when a finding was told
    first, null where it is new.

    Args:
        console: for results. err: for what is no result where results are JSON. now: ISO time; empty: this moment.
    Raises:
        UserError: a release cannot be read.
    """
    releases = releases_of(home)
    published, withdrawn = standing(releases)
    others = sorted({one.newest.terms.brand for one in published} - {today.brand})
    if others:
        hint = f"released for {', '.join(others)}, judged by the rules of {today.brand}: is --brand right?"
        err.print(hint, highlight=False, soft_wrap=True)
    judged = all_judged(published, today, releases.told())
    broken = [one for one in judged if not one.accepted]
    if not published:
        say_none(home, withdrawn, err if format_ == "json" else console)
    elif format_ == "json":
        say_json(judged)
    else:
        say_broken(judged, broken, withdrawn, console)
    if broken:
        releases.tell((one.key(fault) for one in broken for fault in one.faults()), now or this_moment())
    return int(bool(broken))


def standing(releases: Releases) -> tuple[list[Published], int]:
    """Return the texts that were released and not withdrawn, oldest first, and how many were withdrawn."""
    withdrawals = releases.withdrawals()
    found: dict[tuple[str, str, str], Published] = {}
    withdrawn: set[tuple[str, str, str]] = set()
    for release in releases.all():
        for row in releases.texts(release):
            key = (row["item_id"], row["channel"], row["text_original"])
            if any(withdrawal.covers(release.id, row["item_id"]) for withdrawal in withdrawals):
                withdrawn.add(key)
                continue
            before = found.get(key)
            found[key] = Published(row, (*(before.releases if before else ()), release))
    return list(found.values()), len(withdrawn - found.keys())


def all_judged(published: Sequence[Published], today: Today, told: Mapping[str, str]) -> list[Judged]:
    newest: dict[tuple[str, str], Published] = {}
    for one in sorted(published, key=lambda one: one.newest.released):
        newest[one.row["item_id"], one.row["channel"]] = one
    judged = []
    for one in published:
        last = newest[one.row["item_id"], one.row["channel"]]
        judged.append(judged_today(one, today, None if last is one else last.newest.id, told))
    return judged


def judged_today(one: Published, today: Today, newer: str | None, told: Mapping[str, str]) -> Judged:
    """Return a text judged by today's rules, content type, sheet and channel; by the release's where today has none."""
    row, terms = one.row, one.newest.terms
    product = today.by_id.get(row["product_id"]) or today.by_name.get(dense_of(row["product_name"]).strip())
    content_type = today.content_types.get(row["content_type"]) or terms.content_types[row["content_type"]]
    sheet = product or Product.model_validate_json(row["sheet"])
    reasons = check(row["text_original"], sheet, content_type, today.rules).reasons
    if product is None:
        reasons = (*reasons, *left_the_list(row["product_name"], today.rules))
    channel = today.channels.get(row["channel"], terms.channel)
    wanted = [mark.kind for mark in marks_of(channel, content_type.family, terms.purchase_link)]
    borne = {mark["kind"] for mark in row["marks"]}
    missing = tuple(kind for kind in wanted if kind not in borne)
    return Judged(one, reasons, "today" if product else "release", missing, newer, told)


def left_the_list(name: str, rules: Rules) -> list[Reason]:
    """Return the warning that a product is unknown, in the words of this case: its sheet of then still counts."""
    said = f"产品“{name}”已不在产品列表中，按发布时的资料核对"
    said_en = f'product "{name}" left the product list; judged by the sheet of the release'
    return [replace(reason, message=said, message_en=said_en) for reason in unknown_product(name, rules)]


# -- telling -----------------------------------------------------------------------------------------------------------


def say_json(judged: Sequence[Judged]) -> None:
    for one in judged:
        if one.reasons or one.missing:
            sys.stdout.write(json.dumps(one.as_dict(), ensure_ascii=False) + "\n")


def say_none(home: Path, withdrawn: int, console: Console) -> None:
    nothing = f"Nothing was released from {home} yet: `copymill export copy --channel NAME --out FILE` releases texts."
    said = f"{withdrawn:,} released texts, all withdrawn" if withdrawn else nothing
    console.print(said, highlight=False, soft_wrap=True, markup=False)


def say_broken(judged: Sequence[Judged], broken: Sequence[Judged], withdrawn: int, console: Console) -> None:
    for one in broken:
        console.print(title_of(one), soft_wrap=True)
        for fault in one.faults():
            when = one.first_told(fault)
            note = f" (told since {when[:10]})" if when else ""
            if isinstance(fault, str):
                console.print(Text(f"  block today's channel asks for the mark {fault}{note}"), soft_wrap=True)
            else:
                for line in finding_lines(fault, one.published.row["text_original"], " ", note):
                    console.print(line, soft_wrap=True)
    new = sum(any(one.first_told(fault) is None for fault in one.faults()) for one in broken)
    counts = f"{len(judged):,} released texts checked, {len(broken):,} break today's rules ({new:,} newly told)"
    console.print(counts + (f", {withdrawn:,} withdrawn" if withdrawn else ""), highlight=False, soft_wrap=True)
    if broken:
        hint = "  once they are taken down: copymill withdraw RELEASE --item ITEM --reason TEXT"
        console.print(hint, highlight=False, soft_wrap=True, markup=False)


def title_of(one: Judged) -> Text:
    """Return `item  product  channel  released date (release; what else a reader should know)`."""
    row, releases = one.published.row, one.published.releases
    about = [f"release {', '.join(release.id for release in releases)}"]
    about += [f"release {one.newer} has a newer text"] if one.newer else []
    about += ["its product left the list: judged by the sheet of then"] if one.sheet == "release" else []
    named = f"{row['item_id']}  {row['product_name']}  {row['channel']}  released {releases[0].released[:10]}"
    return Text.assemble((named, "bold"), f" ({'; '.join(about)})")


# -- withdrawing -------------------------------------------------------------------------------------------------------


def withdraw(home: Path, release: str, items: Sequence[str], reason: str, console: Console, now: str = "") -> None:
    """Note that texts of a release were taken down, so that they are no longer judged.

    Raises:
        UserError: no such release or item, or no reason.
    """
    releases = releases_of(home)
    names = [one.id for one in releases.all()]
    found = [one for one in releases.all() if one.id == release]
    if not found:
        raise UserError(f"release {release}", f"not in {home}", f"one of {', '.join(names) or 'none yet'}", "name one")
    if not reason.strip():
        raise UserError("--reason", "empty", "why the texts were taken down", "say it")
    known = {row["item_id"] for row in releases.texts(found[0])}
    for item in items:
        if item not in known:
            raise UserError(f"--item {item}", f"not in release {release}", "an item of it", "see check --released")
    releases.withdraw(Withdrawal(release=release, items=tuple(items), reason=reason.strip(), at=now or this_moment()))
    console.print(f"{len(items) or len(known):,} texts of release {release} are withdrawn", highlight=False)
