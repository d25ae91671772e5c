"""Coverage-guided fuzzing of the compliance checker, with atheris (`pip install atheris`; the project needs it not).

`python tests/fuzz/compliance_fuzz.py [corpus folder] [-max_total_time=300] [libFuzzer options]` from the repository's
root. An input is one byte for the family of the content type, and a text in UTF-8 in which any code point may stand.
The first corpus is the test sentences. It stops on an exception, on a span that does not fit the text, and (with
-timeout) on an input that takes too long.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["tasks.compliance"]):
    from tests.compliance.test_fuzz import FAMILY_NAMES, SENTENCES, judged, spans_of_views

LONGEST = 600  # bytes of an input


def one_input(data: bytes) -> None:
    family = FAMILY_NAMES[data[0] % len(FAMILY_NAMES)] if data else "social"
    text = data[1:].decode("utf-8", "surrogatepass" if _is_text(data[1:]) else "replace")
    judged(text, family)
    spans_of_views(text)


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def seeded(folder: Path) -> Path:
    """Write the test sentences into a corpus folder that is still empty."""
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        for number, sentence in enumerate(SENTENCES):
            (folder / f"sentence-{number:04d}").write_bytes(bytes([number % 3]) + sentence.encode("utf-8"))
    return folder


def main() -> None:
    options = [option for option in sys.argv[1:] if option.startswith("-")]
    folders = [option for option in sys.argv[1:] if not option.startswith("-")]
    corpus = seeded(Path(folders[0] if folders else tempfile.mkdtemp(prefix="compliance_fuzz_")))
    one_input("泛醇温和修护屏障。".encode())  # the rules are read and compiled before the clock runs
    defaults = [f"-max_len={LONGEST}", "-timeout=10", f"-artifact_prefix={corpus.parent}/"]
    atheris.Setup([sys.argv[0], *defaults, *options, str(corpus)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
