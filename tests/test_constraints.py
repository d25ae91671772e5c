"""What is installed is what constraints.txt says, and every pin in its first part gives its reason."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

FILE = Path(__file__).resolve().parents[1] / "constraints.txt"
REASONED, BROUGHT_ALONG = FILE.read_text(encoding="utf-8").split("# Brought along")


def pins(text: str) -> list[str]:
    return [line for line in text.splitlines() if "==" in line and not line.startswith("#")]


@pytest.mark.parametrize("line", pins(REASONED))
def test_pin_gives_its_reason(line):
    assert line.partition("#")[2].strip()


@pytest.mark.parametrize("line", pins(REASONED) + pins(BROUGHT_ALONG))
def test_installed_version_is_the_pinned_one(line):
    wanted = Requirement(line.partition("#")[0].strip())
    try:
        installed = version(wanted.name)
    except PackageNotFoundError:
        pytest.skip(f"{wanted.name} is not installed here")
    assert wanted.specifier.contains(installed.split("+")[0], prereleases=True)
