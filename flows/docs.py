"""Write the generated parts of docs/: the command line's help, and the list of rules. `make docs` runs this."""

from __future__ import annotations

from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from flows.cli import app
from flows.job import CODE

WIDTH = 110
HEAD = """# The command line

Written by `make docs` from the commands' own help; a test holds it against them.
"""


def cli_page() -> str:
    """Return docs/cli.md: the help of every command, as a terminal of 110 columns shows it."""
    runner = CliRunner(env={"COLUMNS": str(WIDTH), "TERM": "dumb", "NO_COLOR": "1"})
    pages = [HEAD]
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        shown = runner.invoke(app, [name, "--help"], prog_name="copymill", terminal_width=WIDTH).output
        pages.append(f"## copymill {name}\n\n```\n{tidy(shown)}\n```\n")
    return "\n".join(pages)


def tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines() if line.strip())


def main() -> None:
    """Write the pages."""
    (CODE / "docs" / "cli.md").write_text(cli_page(), encoding="utf-8")
    rules = CODE / "docs" / "compliance.md"
    write_rules(rules)


def write_rules(page: Path) -> None:
    from tasks.compliance.rule_docs import with_rules

    page.write_text(with_rules(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
