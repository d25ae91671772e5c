"""The profile `small` on a model of Qwen3-0.6B's shape: the same code, arguments and precision, on a CPU, in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.training.runtime import ENVIRONMENT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
MOST_GB = 10


def test_profile_small_trains_qwen3_of_true_shape_within_memory(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.real_shape", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, **ENVIRONMENT},  # before torch is imported, so that waiting threads sleep
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    print(told)
    assert told["peak_gb"] < MOST_GB
    for name in ("sft_model", "grpo_model"):
        card = json.loads((tmp_path / name / "card.json").read_text(encoding="utf-8"))
        assert card["trained_parameters"] == 10_092_544  # r 16 on all linear layers of the 0.6B shape
        assert card["relative_change"] > 0
        assert card["saved_largest_logit_gap"] < 0.5
    assert (tmp_path / "sft_model" / "model.safetensors").stat().st_size == pytest.approx(2 * 596_049_920, rel=0.01)
