"""Parameters of the four training steps and of generation: one frozen model each, every field identity or runtime.

Defaults are the tiny profile (CPU, a small model built here); `profiles/*.yaml` hold the three profiles' sections.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, model_validator

from tasks.lineage.errors import UserError
from tasks.lineage.params import Ident, Params, Run
from tasks.training.adapter_files import adapter_digest
from tasks.training.config_parts import Evaluation, Lora, Machine, Optimizer, Training

PROFILES = Path(__file__).parent / "profiles"


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
    """Supervised fine-tuning on `messages`: of an adapter that is then merged, or of all weights (`lora: null`).

    loss_on: `completion` (works with every chat template) or `assistant` (needs generation markers in the template).
    packing: several rows in one, without padding; it needs flash attention.
    adapter_from: folder of an earlier adapter of the same base, to go on from; what it holds is identity
    (`adapter_sha256`, worked out from its files), where it lies is not.
    max_new_tokens, eos_*: after training, `eos_samples` training prompts are answered; the step fails where fewer
    than `min_ended` of the answers end by EOS.
    """

    loss_on: Ident[Literal["completion", "assistant"]] = "completion"
    lora: Ident[Lora | None] = Lora(train_embeddings=True)
    adapter_from: Run[str] = ""
    adapter_sha256: Ident[str] = ""
    optimizer: Ident[Optimizer] = Optimizer(learning_rate=2e-3, steps=80)
    evaluation: Ident[Evaluation] = Evaluation()
    packing: Ident[bool] = False
    max_new_tokens: Ident[int] = Field(default=128, ge=1)
    eos_samples: Ident[int] = Field(default=32, ge=1)
    min_ended: Ident[float] = Field(default=0.9, ge=0, le=1)

    @model_validator(mode="before")
    @classmethod
    def identify_adapter(cls, values: Any) -> Any:
        """Fill in what the earlier adapter is."""
        if isinstance(values, dict) and values.get("adapter_from"):
            if values.get("lora", True) is None:
                raise ValueError("adapter_from is set and lora is null; an adapter needs lora")
            return {**values, "adapter_sha256": adapter_digest(Path(values["adapter_from"]))}
        return values


class RewardParams(Training):
    """The reward model, trained from the SFT model's weights.

    kind: `pairwise` learns from preference pairs; `binary` from single texts with a label (`reward_rows`), and its
    score is the log-odds that a text is good. center keeps the pairwise model's mean score near zero.
    """

    kind: Ident[Literal["pairwise", "binary"]] = "pairwise"
    lora: Ident[Lora | None] = Lora()
    optimizer: Ident[Optimizer] = Optimizer(learning_rate=5e-4, steps=60)
    evaluation: Ident[Evaluation] = Evaluation()
    center: Ident[float] = Field(default=0.01, ge=0)


class Group(Params):
    """How GRPO samples: `size` answers a prompt; an optimizer step takes `optimizer.batch_size` answers in all.

    vllm: who samples. `no` is the model in training itself; `colocate` and `server` are vLLM on the same GPU or on
    another one. Other random numbers make other answers and so another model: identity.
    """

    size: Ident[int] = Field(default=8, ge=2)
    max_new_tokens: Ident[int] = Field(default=128, ge=1)
    temperature: Ident[float] = Field(default=0.9, gt=0)
    top_p: Ident[float] = Field(default=0.95, gt=0, le=1)
    vllm: Ident[Literal["no", "colocate", "server"]] = "no"


class Alarms(Params):
    """When GRPO is stopped as broken or gamed. The means of windows of `window` steps are compared with the first one.

    kl: nats a token. entropy: share of its first value under which the model has collapsed. length: share by which the
    answers may grow or shrink while the reward rises and they break as many gates as before. fall: by how much (0 to
    1) a gate that is never rewarded may fall while the reward rises. Rises and falls count only where they are above
    `errors` standard errors. stop: whether an alarm ends the run, or is only written into the card.
    """

    window: Ident[int] = Field(default=8, ge=2)
    kl: Ident[float] = Field(default=0.5, gt=0)
    entropy: Ident[float] = Field(default=0.1, ge=0, lt=1)
    length: Ident[float] = Field(default=0.2, gt=0)
    fall: Ident[float] = Field(default=0.05, ge=0, le=1)
    errors: Ident[float] = Field(default=2.0, ge=0)
    stop: Ident[bool] = True


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


NO_GATES = ("reward_model", "ended")


def gates_among(parts: Iterable[str]) -> tuple[str, ...]:
    """Return the parts of a reward that are gates: all but the reward model and the end."""
    return tuple(part for part in parts if part not in NO_GATES)


class GrpoParams(Training):
    """The last model: the merged SFT model trained on, by default an adapter with GRPO.

    method: `grpo` samples and is rewarded (`optimizer.batch_size` counts answers, in whole groups); `dpo` learns from
    the preference pairs and `kto` from single texts, wanted or not, both offline and without a reward model.
    evaluation: answers to kept-back train products' prompts, checked by the gates, choose the checkpoint: never the
    reward. beta weighs the KL in GRPO, preference_beta the distance from the SFT model in DPO and KTO.
    beats_surface_on: methods of pairs (`weak`, `exaggerated`, `fake`) whose held-out pairs the reward model must rank
    better than length and n-grams do, else GRPO does not start.
    """

    method: Ident[Literal["grpo", "dpo", "kto"]] = "grpo"
    lora: Ident[Lora | None] = Lora()
    optimizer: Ident[Optimizer] = Optimizer(learning_rate=1e-3, steps=40, batch_size=32, max_grad_norm=0.5)
    evaluation: Ident[Evaluation] = Evaluation()
    group: Ident[Group] = Group()
    beta: Ident[float] = Field(default=0.02, ge=0)
    preference_beta: Ident[float] = Field(default=0.1, gt=0)
    loss_type: Ident[Literal["dapo", "dr_grpo", "grpo", "bnpo"]] = "dapo"
    scale_rewards: Ident[Literal["group", "batch", "none"]] = "group"
    weights: Ident[Weights] = Weights()
    alarms: Ident[Alarms] = Alarms()
    beats_surface_on: Run[tuple[Literal["weak", "exaggerated", "fake"], ...]] = ()

    @property
    def parts(self) -> dict[str, float]:
        """Return what each part of the reward weighs, in the order in which the parts are logged."""
        return self.weights.model_dump()


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
