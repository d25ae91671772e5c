"""Run as a process: a randomly initialised Qwen3-0.6B, true in shape and token table, through the profile `small`.

`python -m tests.training.real_shape ROOT`: base (pointed to), two SFT steps, two GRPO steps, on a CPU. Of the profile
only this is changed: device, batch and length of the run, evaluation off, and no demand on what random weights write.
Rows are cut to some forty tokens. The tokenizer is a small one of the repository, filled up with tokens that no text
holds. Prints one line of JSON: peak memory in GB, seconds of each step.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from tasks.training.config import BaseParams, GrpoParams, Machine, RewardParams, SftParams, profile_sections

# config.json of Qwen/Qwen3-0.6B
SHAPE = {
    "hidden_size": 1024, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128,
    "intermediate_size": 3072, "max_position_embeddings": 40960, "tie_word_embeddings": True,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0},
}  # fmt: skip
ROWS = 151_936
MACHINE = {"device": "cpu", "threads": 1, "micro_batch": 1, "report_to": (), "checkpoint_every": 0}


def changed(model: Any, name: str, steps: int, batch: int, **more: Any) -> Any:
    """Return the profile's params with a shorter run on this machine."""
    section = profile_sections("small")[name]
    machine = Machine(**{**section["machine"], **MACHINE, "offline": True})
    length = {"steps": steps, "epochs": 0, "batch_size": batch}
    optimizer = {**section["optimizer"], **length}
    return model(**{**section, "optimizer": optimizer, "evaluation": {}, **more, "machine": machine})


def fill_up(folder: Path) -> None:
    """Give every row of the token table a token: random weights write all of them, and answers must differ as texts."""
    from tasks.training.model_files import load_tokenizer

    tokenizer = load_tokenizer(folder)
    tokenizer.add_tokens([f"<{number}>" for number in range(len(tokenizer), ROWS)])
    tokenizer.save_pretrained(folder)


def main(root: Path) -> None:
    from tasks.training.steps import make_base, make_grpo_model, make_reward_model, make_sft_model
    from tests.training.conftest import REWARD
    from tests.training.models import random_writer
    from tests.training.rules import few_rules
    from tests.training.tables import world

    random_writer(root / "weights", rows=ROWS, dtype="bfloat16", **SHAPE)
    fill_up(root / "weights")
    tables = world(4)
    for row in tables.tables["sft"]:  # short rows: this is about shapes and memory, on a CPU
        row["messages"] = [{**turn, "content": turn["content"][:20]} for turn in row["messages"]]
    for row in tables.tables["grpo"]:
        row["prompt"] = row["prompt"][:20]
    base = BaseParams(model="Qwen/Qwen3-0.6B", folder=str(root / "weights"), machine=Machine(**MACHINE))
    sft = changed(SftParams, "sft_model", 2, 2, max_new_tokens=4, eos_samples=1, min_ended=0.0)
    group = {"size": 2, "max_new_tokens": 8, "temperature": 0.9, "top_p": 1.0}
    grpo = changed(GrpoParams, "grpo_model", 2, 2, group=group, beats_surface_on=())  # the first step is all warm-up
    # A reward model of this size as well would show nothing new and take as long again: a small one's rewards.
    small: Any = RewardParams(**{**REWARD.model_dump(), "content_types": ()})
    random_writer(root / "small")
    folders, seconds = {"sft_model": root / "small"}, {}
    makes = (
        ("reward_model", small, make_reward_model), ("base", base, make_base), ("sft_model", sft, make_sft_model),
        ("grpo_model", grpo, make_grpo_model),
    )  # fmt: skip
    for name, params, make in makes:
        started = time.monotonic()
        out = root / name
        out.mkdir()
        make(tables.inputs(params, folders, few_rules()), out, lambda *_: None)
        folders[name], seconds[name] = out, round(time.monotonic() - started, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"peak_gb": round(peak, 2), "seconds": seconds}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
