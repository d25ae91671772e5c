"""The benchmark of the training loops runs as it stands: a machine with a GPU is no place to try it first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

CODE = Path(__file__).resolve().parents[2]


@pytest.mark.slow  # four processes that each import torch
@pytest.mark.timeout(900)
@pytest.mark.skipif(torch.cuda.is_available(), reason="what it says without a GPU")
def test_training_bench_measures_both_loops_and_says_what_it_cannot() -> None:
    command = [sys.executable, "bench/training.py", "--steps", "3"]
    done = subprocess.run(command, cwd=CODE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    notice, _, *rows = done.stdout.splitlines()
    assert "No GPU" in notice and "0.6B, 1.7B, 4B are NOT measured" in notice
    assert [row.split()[:2] for row in rows] == [["tiny", "sft_model"]] * 2 + [["tiny", "grpo_model"]] * 2
    for row in rows:
        speed, used, peak, ratio = row.split()[-4:]
        assert float(speed.replace(",", "")) > 0
        assert float(peak) > 0.1
        assert used == "-"
        assert ratio.endswith("x")
