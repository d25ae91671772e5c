"""Is a dataset fit to train on? What can be told from its texts and labels alone; token lengths are the tokenizer's.

Invariants: pure; a finding counts rows, never texts; a blocking one means that training on these rows would teach a
fault (a broken character, a text that is good and bad at once), and names the rows.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tasks.datasets.general import is_brand
from tasks.lineage.step import Row

Severity = Literal["block", "warn", "note"]
EXAMPLES = 3
BALANCE = (0.3, 0.7)  # share of good rows outside of which a classifier mostly learns which label is common
MOST_GENERAL = 0.4
REPLACEMENT = "\ufffd"
BREAKS = "\n\t\r"
# UTF-8 read as Latin-1 or CP1252 (`Ã©`, `â€œ`, `ç¾Ž`): the letter of a lead byte, then those of its continuation bytes.
# Dashes, quotes and dots of good text are such letters too (Café——), so they alone prove nothing after an accented one.
CONTINUED = "\u0080-\u00bf" + re.escape("".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xA0)))
USUAL = "—…“”‘’·"
LATIN = re.compile(
    f"[\u00c2\u00c3][{CONTINUED}]|[\u00c4-\u00df](?![{USUAL}])[{CONTINUED}]"
    f"|[\u00e0-\u00ef](?![{USUAL}]{{2}})[{CONTINUED}]{{2}}|[\u00f0-\u00f4][{CONTINUED}]{{3}}"
)
GARBLED = ("锟斤拷", "烫烫烫", "屯屯屯")  # U+FFFD twice in UTF-8 read as GBK; uninitialised memory read as GBK
BEYOND_ASCII = re.compile(r"[^\x00-\x7f]{6,}")


@dataclass(frozen=True)
class Finding:
    """One thing that was found in one table.

    severity: `block` (do not train), `warn` (look at it), `note` (worth knowing). count, of: rows concerned, rows in
    all. found, todo: for people, without the count. examples: ids of the first rows concerned.
    """

    table: str
    check: str
    severity: Severity
    count: int
    of: int
    found: str
    todo: str
    examples: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        return f"{self.count:,} of {self.of:,} rows {self.found}"


def text_findings(table: str, rows: Sequence[Row]) -> list[Finding]:
    """Return what texts and labels alone show, blocking findings first.

    Args:
        table: sft, preference, kto, grpo or reward_rows. rows: its rows.
    """
    checks: list[tuple[str, Severity, Callable[[Row], bool], str, str]] = [
        ("empty", "block", lambda row: any(not text.strip() for text in texts_of(row)), "have an empty text", MEND),
        ("replacement_character", "block", holding(lambda text: REPLACEMENT in text),
         "hold U+FFFD, a character that was lost in a wrong decoding", MEND),
        ("control_character", "block", holding(has_control), "hold control characters", MEND),
        ("mojibake", "block", holding(is_garbled), "hold text that was decoded wrongly (such as Ã©, 锟斤拷)", MEND),
        ("private_character", "warn", holding(lambda text: has_category(text, ("Co",))),
         "hold characters that no font knows (private use)", LOOK),
        ("perhaps_mojibake", "warn", holding(reads_as_gbk), "may hold UTF-8 that was read as GBK", LOOK),
    ]  # fmt: skip
    found = [finding(table, name, severity, [row for row in rows if fails(row)], rows, said, todo)
             for name, severity, fails, said, todo in checks]  # fmt: skip
    found += repetition(table, rows)
    found += label_findings(table, rows) if rows and "label" in rows[0] else []
    found += pair_findings(table, rows) if rows and "rejected" in rows[0] else []
    found += mix_findings(table, rows) if rows and "messages" in rows[0] else []
    return by_severity(one for one in found if one is not None)


MEND = "mend the text where it comes from, or remove the rows"
LOOK = "look at the rows; mend them where it is true"


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    order: tuple[Severity, ...] = ("block", "warn", "note")
    return sorted(findings, key=lambda one: order.index(one.severity))


def finding(
    table: str, check: str, severity: Severity, hit: Sequence[Row], rows: Sequence[Row], found: str, todo: str
) -> Finding | None:
    """Return the finding, or None where no row is concerned."""
    if not hit:
        return None
    examples = tuple(id_of(row) for row in hit[:EXAMPLES])
    return Finding(table, check, severity, len(hit), len(rows), found, todo, examples)


def id_of(row: Row) -> str:
    return str(row.get("item_id") or row.get("id"))


# -- texts -------------------------------------------------------------------------------------------------------------


def texts_of(row: Row) -> list[str]:
    """Return every text of a row of any dataset."""
    told = [turn["content"] for turn in row.get("messages") or ()]
    return told + [row[name] for name in ("prompt", "chosen", "rejected", "completion", "text") if name in row]


def holding(test: Callable[[str], bool]) -> Callable[[Row], bool]:
    return lambda row: any(test(text) for text in texts_of(row))


def has_control(text: str) -> bool:
    """Return whether a text holds a control character or a lone surrogate; line breaks and tabs are none."""
    return has_category(text, ("Cc", "Cs"))


def has_category(text: str, categories: Sequence[str]) -> bool:
    return any(unicodedata.category(char) in categories and char not in BREAKS for char in text)


def is_garbled(text: str) -> bool:
    """Return whether a text surely went through a wrong decoding."""
    return any(piece in text for piece in GARBLED) or LATIN.search(text) is not None


def reads_as_gbk(text: str) -> bool:
    """Return whether a run of six characters or more is, as GBK bytes, valid UTF-8 (你好 → 浣犲ソ)."""
    return any(map(is_utf8_read_as_gbk, BEYOND_ASCII.findall(text)))


def is_utf8_read_as_gbk(run: str) -> bool:
    try:
        run.encode("gbk").decode("utf-8")
    except UnicodeError:
        return False
    return True


# -- rows beside each other --------------------------------------------------------------------------------------------


def repetition(table: str, rows: Sequence[Row]) -> list[Finding | None]:
    """Return rows that say the same as an earlier one, and rows that only ask the same."""
    again = later_ones(rows, lambda row: (*texts_of(row), row.get("label")))
    same_prompt = [] if table in ("kto", "reward_rows") else later_ones(rows, prompt_of)
    repeated = {id_of(row) for row in again}
    only_asked = [row for row in same_prompt if id_of(row) not in repeated]
    asks: Severity = "warn" if table == "grpo" else "note"
    return [
        finding(table, "duplicate_rows", "warn", again, rows, "repeat an earlier row word for word",
                "remove them: what is repeated is learnt by heart"),
        finding(table, "duplicate_prompts", asks, only_asked, rows, "ask what an earlier row asks, answered otherwise",
                "nothing, where you asked for several samples; else two products have one sheet"),
    ]  # fmt: skip


def later_ones(rows: Sequence[Row], key: Callable[[Row], Hashable]) -> list[Row]:
    """Return the rows whose key an earlier row has."""
    seen: set[Hashable] = set()
    found = []
    for row in rows:
        value = key(row)
        if value in seen:
            found.append(row)
        seen.add(value)
    return found


def prompt_of(row: Row) -> Hashable:
    if "messages" in row:
        return tuple((turn["role"], turn["content"]) for turn in row["messages"][:-1])
    return row.get("prompt")


def label_findings(table: str, rows: Sequence[Row]) -> list[Finding | None]:
    """Return contradictions, and whether good and bad are out of balance."""
    labels: dict[Hashable, set[bool]] = defaultdict(set)
    for row in rows:
        labels[tuple(texts_of(row))].add(bool(row["label"]))
    torn = [row for row in rows if len(labels[tuple(texts_of(row))]) > 1]
    return [
        finding(table, "contradiction", "block", torn, rows, "have a text that is labelled good here and bad there",
                "decide which it is"),
        balance_finding(table, rows),
    ]  # fmt: skip


def balance_finding(table: str, rows: Sequence[Row]) -> Finding | None:
    """Return a finding where one label is missing or rare."""
    good = good_share(rows)
    if good is None or BALANCE[0] <= good <= BALANCE[1]:
        return None
    rare = [row for row in rows if bool(row["label"]) == (good < 0.5)]
    severity: Severity = "warn" if rare else "block"
    found = f"are {'good' if good < 0.5 else 'bad'}: the labels are out of balance"
    todo = f"bring good rows to {BALANCE[0]:.0%}-{BALANCE[1]:.0%}, or weigh the labels"
    return Finding(table, "class_balance", severity, len(rare), len(rows), found, todo)


def good_share(rows: Sequence[Row]) -> float | None:
    """Return the share of rows labelled good; None for a table without labels."""
    if not rows or "label" not in rows[0]:
        return None
    return sum(bool(row["label"]) for row in rows) / len(rows)


def pair_findings(table: str, rows: Sequence[Row]) -> list[Finding | None]:
    same = [row for row in rows if row["chosen"].strip() == row["rejected"].strip()]
    return [finding(table, "no_difference", "block", same, rows, "have the same text on both sides", "remove them")]


def mix_findings(table: str, rows: Sequence[Row]) -> list[Finding | None]:
    """Return what stands around the brand's dialogues: a system prompt, too many general rows."""
    own, general = [row for row in rows if is_brand(row)], [row for row in rows if not is_brand(row)]
    prompted = [row for row in own if row["messages"][0]["role"] == "system"]
    too_many = general if len(general) > MOST_GENERAL * len(rows) else []
    return [
        finding(table, "system_prompt", "warn", prompted, rows,
                "begin with a system prompt, and the later stages of this pipeline ask without one",
                "keep it for models that are trained and served elsewhere, or empty sft.system_prompt"),
        finding(table, "general_share", "warn", too_many, rows,
                "are general among the content types that are trained: the brand's voice is the smaller part",
                "lower sft.general_share"),
    ]  # fmt: skip


def counted(findings: Iterable[Finding]) -> Counter[str]:
    """Return how many findings there are of each severity."""
    return Counter(one.severity for one in findings)


def as_dict(one: Finding) -> dict[str, Any]:
    return {**vars(one), "examples": list(one.examples)}
