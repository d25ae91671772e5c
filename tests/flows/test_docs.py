"""The generated docs are what the commands say today."""

from __future__ import annotations

from flows.docs import cli_page
from flows.job import CODE


def test_help_in_the_docs_is_up_to_date():
    assert (CODE / "docs" / "cli.md").read_text(encoding="utf-8") == cli_page(), "run `make docs`"
