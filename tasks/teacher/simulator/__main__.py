"""`python -m tasks.teacher.simulator --port N [--log FILE] [knob=value ...]`: the simulated DeepSeek as a command."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tasks.lineage.errors import UserError
from tasks.teacher.simulator.knobs import Knobs, load_knobs
from tasks.teacher.simulator.serving import DEFAULT_PORT, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server; returns an exit status."""
    options = parser().parse_args(arguments)
    try:
        knobs = load_knobs(options.knobs, options.settings)
        if options.knobs_json:
            knobs = Knobs().turned(json.loads(options.knobs_json))
        announce = _announced_to_parent if options.with_parent else _announced_to_people
        serve(
            knobs,
            host=options.host,
            port=options.port,
            log_path=options.log,
            announce=announce,
            with_parent=options.with_parent,
        )
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    parse = argparse.ArgumentParser(
        "copymill simulate",
        description="A simulated DeepSeek on this machine: OpenAI-compatible, no key, answers made by rules.",
        epilog=f"knobs and their defaults (what they do: tasks/teacher/simulator/knobs.py):\n{knob_list()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parse.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parse.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one (default: %(default)s)")
    parse.add_argument("--log", type=Path, help="append one JSON line a finished request to this file")
    parse.add_argument("--knobs", type=Path, help="YAML or JSON file of knobs")
    parse.add_argument("--knobs-json", help=argparse.SUPPRESS)
    parse.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
    parse.add_argument("settings", nargs="*", metavar="knob=value", help="such as repair_p=0.9 faults.storm=20 seed=7")
    return parse


def knob_list() -> str:
    """Return every knob as `name=default`, one a line, in the form in which it is given."""

    def listed(values: Mapping[str, Any], before: str) -> Iterator[str]:
        for name, value in values.items():
            if isinstance(value, Mapping):
                yield from listed(value, f"{before}{name}.")
            else:
                yield f"  {before}{name}={json.dumps(value)}"

    return "\n".join(listed(Knobs().model_dump(), ""))


def _announced_to_parent(url: str) -> None:
    sys.stdout.write(json.dumps({"base_url": url}) + "\n")
    sys.stdout.flush()


def _announced_to_people(url: str) -> None:
    lines = (
        f"copymill-simulator listens on {url} (a simulated DeepSeek: its answers are made by rules)",
        f"  OpenAI-compatible: POST {url}/chat/completions    knobs: GET or POST {url}/control",
        "  Ctrl-C stops it.",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
