"""Parameters of the four training steps and of generation: one frozen model each, every field identity or runtime.

Defaults are the tiny profile (CPU, a small model built here); `profiles/*.yaml` hold the three profiles' sections.
What changes the weights is identity. What only says where and how fast is runtime, with one known exception: float
sums depend on how work is cut up, so `threads`, `device` and `micro_batch` can move the last bits of a weight.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, model_validator

from tasks.lineage.errors import UserError
from tasks.lineage.params import Ident, Params, Run

PROFILES = Path(__file__).parent / "profiles"
PAID_ADS = ("paid_ad_bab", "paid_ad_cta", "paid_ad_fab", "paid_ad_pas")


class Machine(Params):
    """Where and how fast a step runs; never what it makes.

    micro_batch: rows a forward pass; the optimizer's batch is `batch_size`, reached by accumulation. 0 means all.
    tensorboard: a folder for event files (they hold clocks, so they never go into the step's own folder); "" is off.
    offline: never ask a model hub, fail instead.
    """

    device: Run[Literal["cpu", "cuda"]] = "cpu"
    threads: Run[int] = Field(default=2, ge=1)
    micro_batch: Run[int] = Field(default=0, ge=0)
    gradient_checkpointing: Run[bool] = False
    tensorboard: Run[str] = ""
    offline: Run[bool] = True


class Lora(Params):
    """The adapter. `train_embeddings` also trains the token table, tied or not: the only way that an adapter reaches
    an end-of-answer row which the base has not learnt (facts: .16 → 1.00 of answers ended)."""

    r: Ident[int] = Field(default=16, ge=1)
    alpha: Ident[int] = Field(default=32, ge=1)
    dropout: Ident[float] = Field(default=0.0, ge=0, lt=1)
    targets: Ident[str] = "all-linear"
    rslora: Ident[bool] = False
    dora: Ident[bool] = False
    train_embeddings: Ident[bool] = False


class Optimizer(Params):
    """AdamW with warm-up. Exactly one of `steps` and `epochs` is above zero; `batch_size` counts sequences a step."""

    learning_rate: Ident[float] = Field(gt=0)
    steps: Ident[int] = Field(default=0, ge=0)
    epochs: Ident[float] = Field(default=0, ge=0)
    batch_size: Ident[int] = Field(default=16, ge=1)
    warmup: Ident[float] = Field(default=0.05, ge=0, lt=1)
    scheduler: Ident[Literal["cosine", "linear", "constant_with_warmup"]] = "cosine"
    weight_decay: Ident[float] = Field(default=0.0, ge=0)
    max_grad_norm: Ident[float] = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def one_length(self) -> Optimizer:
        if (self.steps > 0) == (self.epochs > 0):
            raise ValueError(f"steps is {self.steps} and epochs is {self.epochs}; exactly one must be above 0")
        return self


class Training(Params):
    """What every training step has.

    content_types: the ones it trains on; empty means all. precision: of the weights while training; merges are always
    in fp32, and cast last. retrain_after: share of training rows that may change before the model is trained again.
    """

    content_types: Ident[tuple[str, ...]] = PAID_ADS
    seed: Ident[int] = 17
    max_length: Ident[int] = Field(default=384, ge=16)
    precision: Ident[Literal["fp32", "bf16"]] = "fp32"
    retrain_after: Run[float] = Field(default=0.05, ge=0, le=1)
    machine: Run[Machine] = Machine()


class Architecture(Params):
    """Shape of the small Qwen3 model that is built here; 0.93M parameters at a vocabulary of 1,100."""

    vocabulary: Ident[int] = Field(default=1536, ge=300)
    hidden: Ident[int] = 128
    layers: Ident[int] = 4
    heads: Ident[int] = 4
    kv_heads: Ident[int] = 2
    head_dim: Ident[int] = 32
    feed_forward: Ident[int] = 384
    positions: Ident[int] = 1024


class BaseParams(Training):
    """The base model: built and pre-trained here (`model` empty), or taken from a hub or a folder.

    model, revision: hub id (and commit) that names the weights; with `folder`, the name under which they are recorded.
    folder: where those weights lie on this machine; "" looks in the hub's cache, then (unless offline) on the hub.
    bad_share: part of the pre-training texts that is bad on purpose; drill_share: part of the documents that only
    drills copying; transplant_share: part of the texts that carry another train product's facts; block: tokens a
    training row.
    """

    model: Ident[str] = ""
    revision: Ident[str] = ""
    folder: Run[str] = ""
    architecture: Ident[Architecture] = Architecture()
    documents: Ident[int] = Field(default=6000, ge=1)
    bad_share: Ident[float] = Field(default=0.6, ge=0, le=1)
    drill_share: Ident[float] = Field(default=0.3, ge=0, le=1)
    transplant_share: Ident[float] = Field(default=0.9, ge=0, le=1)
    block: Ident[int] = Field(default=256, ge=16)
    optimizer: Ident[Optimizer] = Optimizer(learning_rate=3e-3, steps=600, weight_decay=0.01)


class SftParams(Training):
    """Supervised fine-tuning of an adapter on `messages`, then merge.

    loss_on: `completion` (works with every chat template) or `assistant` (needs generation markers in the template).
    max_new_tokens, eos_*: after training, `eos_samples` training prompts are answered; the step fails where fewer
    than `min_ended` of the answers end by EOS.
    """

    loss_on: Ident[Literal["completion", "assistant"]] = "completion"
    lora: Ident[Lora] = Lora(train_embeddings=True)
    optimizer: Ident[Optimizer] = Optimizer(learning_rate=2e-3, steps=80)
    max_new_tokens: Ident[int] = Field(default=128, ge=1)
    eos_samples: Ident[int] = Field(default=32, ge=1)
    min_ended: Ident[float] = Field(default=0.9, ge=0, le=1)


class RewardParams(Training):
    """The pairwise reward model, trained from the SFT model's weights; center keeps its mean score near zero."""

    lora: Ident[Lora] = Lora()
    optimizer: Ident[Optimizer] = Optimizer(learning_rate=5e-4, steps=60)
    center: Ident[float] = Field(default=0.01, ge=0)


class Group(Params):
    """How GRPO samples: `size` answers a prompt; an optimizer step takes `optimizer.batch_size` answers in all."""

    size: Ident[int] = Field(default=8, ge=2)
    max_new_tokens: Ident[int] = Field(default=128, ge=1)
    temperature: Ident[float] = Field(default=0.9, gt=0)
    top_p: Ident[float] = Field(default=0.95, gt=0, le=1)


class Weights(Params):
    """What each part of the reward weighs. A part of weight 0 is logged and never rewarded, so it can tell the truth.

    reward_model: the frozen reward model, in (0, 1). ended: 1 where the answer ended by itself. The others are the
    violation kinds of `tasks.compliance` (1 where the gate is passed), without `sheet`, which no writer can help.
    """

    reward_model: Ident[float] = 1.0
    ended: Ident[float] = 1.0
    forbidden_word: Ident[float] = 1.0
    framework_label: Ident[float] = 1.0
    length: Ident[float] = 1.0
    call_to_action: Ident[float] = 1.0
    hashtags: Ident[float] = 0.0
    format: Ident[float] = 0.0
    unsupported_number: Ident[float] = 1.0
    absolute_claim: Ident[float] = 1.0
    medical_claim: Ident[float] = 1.0


class GrpoParams(Training):
    """GRPO on the merged SFT model with a fresh adapter; `optimizer.batch_size` counts answers, in whole groups."""

    lora: Ident[Lora] = Lora()
    optimizer: Ident[Optimizer] = Optimizer(learning_rate=1e-3, steps=40, batch_size=32, max_grad_norm=0.5)
    group: Ident[Group] = Group()
    beta: Ident[float] = Field(default=0.02, ge=0)
    loss_type: Ident[Literal["dapo", "dr_grpo", "grpo", "bnpo"]] = "dapo"
    scale_rewards: Ident[Literal["group", "batch", "none"]] = "group"
    weights: Ident[Weights] = Weights()


class GenerationParams(Params):
    """How answers are written: greedy at temperature 0, else sampled from `seed`; batches are runtime."""

    max_new_tokens: Ident[int] = Field(default=128, ge=1)
    temperature: Ident[float] = Field(default=0.0, ge=0)
    top_p: Ident[float] = Field(default=0.95, gt=0, le=1)
    seed: Ident[int] = 17
    batch_size: Run[int] = Field(default=32, ge=1)
    machine: Run[Machine] = Machine()


def profile_sections(name: str) -> dict[str, dict[str, Any]]:
    """Return a profile's sections (`base`, `sft_model`, `reward_model`, `grpo_model`, `generation`) as plain values.

    Raises:
        UserError: there is no such profile.
    """
    path = PROFILES / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in PROFILES.glob("*.yaml")))
        raise UserError(f"profile {name}", "no such training profile", f"one of {known}", "choose one of these")
    return yaml.safe_load(path.read_text(encoding="utf-8"))
