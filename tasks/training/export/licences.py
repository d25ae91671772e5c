"""The licence of the base, read and never guessed: its own card, then its config, then a dated list, else unknown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from tasks.training.export.subject import Base

KNOWN = Path(__file__).with_name("licences.yaml")
UNKNOWN = "unknown: see the base's page"
OWN = "none: the weights were made here from the run's own texts, and are yours"


@dataclass(frozen=True)
class Licence:
    """id: as a card's front matter names it. title: as people read it. source: where it was read. note: a limit."""

    id: str
    title: str
    source: str
    note: str = ""


def licence_of(base: Base) -> Licence:
    """Return the licence under which the base's weights may be used."""
    if not base.name:
        return Licence("other", OWN, "made here")
    return from_card(base.folder) or from_config(base.folder) or from_list(base.name) or Licence("unknown", UNKNOWN, "")


def from_card(folder: Path) -> Licence | None:
    """Return what the front matter of the base's README.md says."""
    front = front_matter(folder / "README.md")
    named = front.get("license")
    if not isinstance(named, str):
        return None
    title = str(front.get("license_name") or named)
    return Licence(named, title, "the base's own README.md", str(front.get("license_link") or ""))


def front_matter(card: Path) -> dict[str, Any]:
    """Return a model card's front matter, {} where there is none that can be read."""
    text = card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""
    _, fence, rest = text.partition("---\n")
    if not fence or not text.startswith("---\n"):
        return {}
    try:
        found = yaml.safe_load(rest.partition("\n---")[0])
    except yaml.YAMLError:  # somebody else's file: a card that cannot be read says nothing of the licence
        return {}
    return found if isinstance(found, dict) else {}


def from_config(folder: Path) -> Licence | None:
    """Return what config.json says, where it says anything."""
    path = folder / "config.json"
    named = json.loads(path.read_text(encoding="utf-8")).get("license") if path.is_file() else None
    return Licence(named, named, "the base's own config.json") if isinstance(named, str) else None


def from_list(name: str) -> Licence | None:
    """Return what the dated list says of a hub id."""
    listed = yaml.safe_load(KNOWN.read_text(encoding="utf-8"))
    for entry in listed["known"]:
        if fnmatchcase(name, entry["model"]):
            source = f"Copymill's list of {listed['as_of']}; the base's own folder says nothing"
            return Licence(entry["licence"], entry["title"], source, entry.get("note", ""))
    return None
