"""What SFT and GRPO change over three seeds: `python bench/seeds.py HOME [--sft-steps N]` prints a table.

HOME is one where the main job ran with the profile tiny (`make demo`): copy, datasets and base are taken from it, and
for each seed SFT, reward model and GRPO are trained again through the command line, and the val answers judged by the
gates. A lightly trained SFT model (`--sft-steps`, 35 by default) leaves GRPO something to raise.

| column | meaning |
|---|---|
| ends | share of the val answers that end by themselves |
| judged | share that passes all judged gates (words, labels, length, call to action, ending) |
| form | share that passes hashtags and format, which no reward sees |
| facts | share without a fact that the sheet lacks |
| all | share that breaks no rule at all |
| interval | of the change of `judged` against the system above, by product |
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tasks.judging.comparison import difference, outcome
from tasks.lineage.step import Row

SYSTEMS = ("base", "sft", "grpo")
GATES = {"ends": "eos", "judged": "judged", "form": "form", "facts": "facts", "all": "all"}
SEEDS = (17, 18, 19)
COPYMILL = Path(sys.executable).parent / "copymill"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--sft-steps", type=int, default=35)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    asked = parser.parse_args()
    print(f"{'seed':<6}{'system':<8}" + "".join(f"{name:>8}" for name in GATES) + "  interval", flush=True)
    for seed in asked.seeds:
        show(seed, verdicts(asked.home, seed, asked.sft_steps))


def verdicts(home: Path, seed: int, sft_steps: int) -> list[Row]:
    """Train with `seed` and return the verdict rows of the val answers."""
    changed = [f"{step}.seed={seed}" for step in ("sft_model", "reward_model", "grpo_model")]
    changed += [f"sft_model.optimizer.steps={sft_steps}", "base.retrain_after=1"]  # the base is taken as it is
    sets = [word for one in changed for word in ("--set", one)]
    call("run", "--home", str(home), "--profile", "tiny", "--yes", "--only", "verdicts", *sets)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "verdicts.jsonl"
        call("export", "verdicts", "--home", str(home), "--out", str(path))
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def call(*words: str) -> None:
    """Run the command line; what it says is shown only where it fails."""
    done = subprocess.run([str(COPYMILL), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"copymill {' '.join(words)} ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def show(seed: int, rows: Sequence[Row]) -> None:
    """Print one line a system."""
    above = ""
    for system in SYSTEMS:
        mine = [row for row in rows if row["system"] == system]
        shares = "".join(f"{share(mine, gate):>8.1%}" for gate in GATES.values())
        change = difference(rows, system, above) if above else None
        told = f"  {change.low:+.1%} to {change.high:+.1%}" if change else ""
        print(f"{seed:<6}{system:<8}{shares}{told}", flush=True)
        above = system


def share(rows: Sequence[Row], gate: str) -> float:
    passed = [found for row in rows if (found := outcome(row, gate)) is not None]
    return sum(passed) / len(passed)


if __name__ == "__main__":
    main()
