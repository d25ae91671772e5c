"""Our training loops against plain TRL: `python bench/training.py [--shape tiny] [--steps N]` prints a table.

Each loop runs in a process of its own, ours and TRL's one after the other: the same random model, rows, batches and
arguments. Ours has what we add: progress, checkpoint marks, alarms, and in GRPO the gates of the compliance checker and
a frozen reward model of the same shape, where plain TRL's reward is the answers' length. The first step is left out.
On a CPU the seconds are of processor time, one thread, so that other programs disturb little.

| column | meaning |
|---|---|
| tokens/s | tokens that the trainer counts, in a second (GRPO: prompts and answers, sampling included) |
| MFU | model FLOPs against the GPU's bf16 peak: 4·N a trained token (forward and backward through frozen weights), in |
| | GRPO 2·N more for the reference and 2·N a sampled token; recomputation is not counted |
| peak | GPU memory allocated; on a CPU the process's resident memory |
| ratio | tokens/s against plain TRL in this run, which is what carries over to another machine |

On a CPU it runs the shape `tiny` and says what is not measured; with a GPU `0.6B`, `1.7B` and `4B` (Qwen3's, random
weights, the true token table, the profiles `small` and `full`, answers of 256 tokens).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from compliance import BRAND, ORDINARY
from training_loops import clock_on, our_grpo, our_sft, plain_grpo, plain_sft

from tasks.training.runtime import ENVIRONMENT

# Qwen3's config.json of each size; `tiny` is the profile's own.
SHAPES: dict[str, dict[str, int]] = {
    "tiny": {"hidden_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2,
             "head_dim": 32, "intermediate_size": 384},
    "0.6B": {"hidden_size": 1024, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8,
             "head_dim": 128, "intermediate_size": 3072, "vocab_size": 151_936},
    "1.7B": {"hidden_size": 2048, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8,
             "head_dim": 128, "intermediate_size": 6144, "vocab_size": 151_936},
    "4B": {"hidden_size": 2560, "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8,
           "head_dim": 128, "intermediate_size": 9728, "vocab_size": 151_936},
}  # fmt: skip
LARGE = ("0.6B", "1.7B", "4B")
PROFILES = {"tiny": "tiny", "0.6B": "small", "1.7B": "small", "4B": "full"}
# Dense bf16 peaks from the makers' data sheets, FLOP/s, by a part of the device's name.
PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "4090": 165e12, "3090": 71e12, "L4": 121e12}
STAGES = ("sft_model", "grpo_model")
LOOPS = ("plain TRL", "ours")
ANSWER = 256  # tokens of a sampled answer on a GPU: random weights never end one
ROWS = 256
SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--shape", choices=SHAPES)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--one", nargs=2, metavar=("STAGE", "LOOP"), help="measure in this process, print JSON")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measured(asked.shape, *asked.one, asked.steps)))
        return
    import torch

    gpu = torch.cuda.is_available()
    shapes = [asked.shape] if asked.shape else [*LARGE] if gpu else ["tiny"]
    if gpu:
        print(f"GPU: {torch.cuda.get_device_name()}, torch {torch.__version__}")
    else:
        print(f"No GPU: tokens/s, MFU and peak memory of {', '.join(LARGE)} are NOT measured; MFU is of a GPU alone.")
    print(f"{'shape':<7}{'stage':<12}{'loop':<12}{'tokens/s':>10}{'MFU':>8}{'peak GB':>9}{'ratio':>7}")
    for shape in shapes:
        for stage in STAGES:
            show(shape, stage, {loop: in_process(shape, stage, loop, asked.steps) for loop in LOOPS})


def in_process(shape: str, stage: str, loop: str, steps: int) -> dict[str, Any]:
    """Measure one loop in a process of its own, so that its peak is its own."""
    command = [sys.executable, __file__, "--shape", shape, "--steps", str(steps), "--one", stage, loop]
    quiet = {**os.environ, **ENVIRONMENT}  # before torch is imported: threads that wait must sleep
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=quiet)
    if done.returncode:
        sys.exit(f"{shape} {stage} {loop} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def show(shape: str, stage: str, found: dict[str, dict[str, Any]]) -> None:
    plain = found["plain TRL"]["tokens_per_second"]
    for loop, told in found.items():
        used = f"{told['mfu']:.1%}" if told["mfu"] is not None else "-"
        speed = told["tokens_per_second"]
        print(f"{shape:<7}{stage:<12}{loop:<12}{speed:>10,.0f}{used:>8}{told['peak_gb']:>9.2f}{speed / plain:>6.2f}x")


def measured(shape: str, stage: str, loop: str, steps: int) -> dict[str, Any]:
    """Train for some steps and return tokens a second, MFU (None without a GPU) and peak memory in GB."""
    import torch

    from tasks.training.runtime import prepare

    params = params_of(shape, stage, steps, torch.cuda.is_available())
    prepare(params.machine)
    with tempfile.TemporaryDirectory() as work:
        trainer = trainer_of(shape, stage, loop, params, Path(work))
        clock = clock_on(trainer)
        trainer.train()
    gpu = torch.cuda.is_available()
    peak = torch.cuda.max_memory_allocated() / 1e9 if gpu else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    weights = sum(weight.numel() for weight in trainer.model.parameters())
    return {
        "tokens_per_second": clock.speed(), "peak_gb": peak, "mfu": utilisation(clock, stage, weights) if gpu else None
    }  # fmt: skip


def params_of(shape: str, stage: str, steps: int, gpu: bool) -> Any:
    """Return the profile's params for a short run without evaluation or checkpoints."""
    from tasks.training.config import GrpoParams, SftParams, profile_sections

    section = profile_sections(PROFILES[shape])[stage]
    machine = {**section.get("machine", {}), "report_to": (), "checkpoint_every": 0, "offline": True}
    machine |= {"device": "cuda"} if gpu else {"device": "cpu", "threads": 1}
    section |= {"optimizer": {**section["optimizer"], "steps": steps, "epochs": 0}, "evaluation": {}}
    if stage == "grpo_model":
        answer = ANSWER if gpu else section["group"]["max_new_tokens"]
        section |= {"group": {**section["group"], "max_new_tokens": answer}}
    return {"sft_model": SftParams, "grpo_model": GrpoParams}[stage](**{**section, "machine": machine})


def trainer_of(shape: str, stage: str, loop: str, params: Any, work: Path) -> Any:
    """Return TRL's trainer as we set it up, or as anyone would."""
    from tasks.training.chat import dialogue_text
    from tasks.training.tokenizer import train_tokenizer

    rows = made_rows(params)
    texts = [turn["content"] for row in rows for turn in row["messages"]]
    tokenizer = train_tokenizer(texts, 1536, 2048)
    assert dialogue_text(tokenizer, rows[0]["messages"])
    model = random_model(shape, tokenizer, params)
    if stage == "sft_model":
        return (our_sft if loop == "ours" else plain_sft)(model, tokenizer, rows, params, work)
    if loop == "plain TRL":
        return plain_grpo(model, tokenizer, rows, params, work)
    return our_grpo(model, random_model(shape, tokenizer, params, scorer=True), tokenizer, rows, params, work)


def made_rows(params: Any) -> list[dict[str, Any]]:
    """Return rows of the tables sft and grpo in one, for the example brand's products, the same every time."""
    from tasks.brief.brand import load_content_types
    from tasks.brief.products import load_products
    from tasks.datasets.task_prompt import task_prompt

    chance = random.Random(SEED)
    types = load_content_types(BRAND)
    kinds = [kind for kind in types.values() if not params.content_types or kind.id in params.content_types]
    products = [row.product for row in load_products(BRAND / "products.csv").rows]
    rows = []
    for number in range(ROWS):
        product, kind = products[number % len(products)], kinds[number % len(kinds)]
        text = "".join(chance.choices(ORDINARY, k=60))[: kind.max_chars]
        prompt = task_prompt(product, kind)
        turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": text}]
        names = {"item_id": f"{product.product_id}/{kind.id}/{number}", "content_type": kind.id}
        rows.append({**product.model_dump(), **names, "prompt": prompt, "messages": turns})
    return rows


def random_model(shape: str, tokenizer: Any, params: Any, scorer: bool = False) -> Any:
    """Return a random model of a shape, in the profile's precision; ids above the tokenizer's are never met."""
    import torch
    from transformers import GenerationConfig, Qwen3Config, Qwen3ForCausalLM, Qwen3ForSequenceClassification

    from tasks.training.model_files import precision_of

    torch.manual_seed(SEED)
    ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    sizes = {"vocab_size": len(tokenizer), **SHAPES[shape]}
    config = Qwen3Config(**sizes, max_position_embeddings=4096, tie_word_embeddings=True, num_labels=1, **ends)
    torch.set_default_dtype(precision_of(params))
    try:
        made = (Qwen3ForSequenceClassification if scorer else Qwen3ForCausalLM)(config)
    finally:
        torch.set_default_dtype(torch.float32)
    made.generation_config = GenerationConfig(**ends)
    return made.to(params.machine.device)


def utilisation(clock: Any, stage: str, weights: int) -> float | None:
    """Return model FLOPs a second as a share of the GPU's peak; None for a GPU that is not listed."""
    import torch

    name = torch.cuda.get_device_name()
    peak = next((value for part, value in PEAKS.items() if part in name), None)
    done = 4 * weights * clock.speed()
    if stage == "grpo_model":
        done += 2 * weights * (clock.speed() + clock.answers())
    return done / peak if peak else None


if __name__ == "__main__":
    main()
