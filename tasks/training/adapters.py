"""LoRA adapters: what they train, whether they really did, and their merge into plain weights.

Guards the silent failures of facts/training.md: an adapter that is loaded frozen, a learning rate that changes
nothing, a merge that gives another model.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel

from tasks.lineage.errors import UserError
from tasks.training.adapter_files import adapter_settings
from tasks.training.config_parts import Lora

LEAST_CHANGE = 1e-4  # relative change of the trained weights under which training was a no-op
# Largest difference of logits after a merge: in fp32 about 1e-5 was seen, after a last cast to bf16 .07–.13
# (facts/training.md), and .42 in random weights of Qwen3-0.6B's shape. A cast's error grows with the logits, so in bf16
# a twentieth of the largest one is allowed as well; a lost weight is far beyond both.
LARGEST_GAP = {torch.float32: 1e-3, torch.bfloat16: 0.5}
LARGEST_SHARE = {torch.float32: 0.0, torch.bfloat16: 0.05}
EMBEDDINGS = ["embed_tokens", "lm_head"]


def lora_config(lora: Lora | None, task: str, tied: bool) -> LoraConfig | None:
    """Return PEFT's config, None where all weights are trained.

    task: `CAUSAL_LM` or `SEQ_CLS` (whose new head is trained whole).
    """
    if lora is None:
        return None
    embeddings = lora.train_embeddings and task == "CAUSAL_LM"
    return LoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.targets if lora.targets == "all-linear" else lora.targets.split(","),
        use_rslora=lora.rslora,
        use_dora=lora.dora,
        task_type=task,
        modules_to_save=EMBEDDINGS if embeddings else None,
        ensure_weight_tying=embeddings and tied,
    )


def continued(model: Any, folder: Path, lora: Lora) -> Any:
    """Return the model with an earlier adapter on it, ready to be trained on.

    Raises:
        UserError: the adapter is of another shape than the profile's, or does not fit this base.
    """
    settings = adapter_settings(folder)
    for name, wanted in (("r", lora.r), ("lora_alpha", lora.alpha)):
        if settings.get(name) != wanted:
            raise UserError(
                f"adapter {folder}", f"{name} is {settings.get(name)}", f"{wanted}, as the profile says",
                "set lora.r and lora.alpha to the adapter's",
            )  # fmt: skip
    try:
        return PeftModel.from_pretrained(model, str(folder), is_trainable=True)
    except (RuntimeError, ValueError) as error:
        found = str(error).strip().splitlines()[-1].strip()
        raise UserError(
            f"adapter {folder}", f"it does not fit this base ({found})", "an adapter of the same base", "name another"
        ) from error


class TrainedWeights:
    """The trainable weights before training, against which it is shown that training changed them.

    Raises:
        UserError: nothing is trainable.
    """

    def __init__(self, model: Any, stage: str) -> None:
        self.stage = stage
        self.before = {name: weight.detach().clone() for name, weight in trainable(model)}
        self.count = sum(weight.numel() for weight in self.before.values())
        if not self.count:
            raise UserError(stage, "no weight is trainable", "an adapter that learns", "load it with is_trainable=True")

    def change(self, model: Any) -> float:
        """Return the relative change ‖after - before‖ / ‖before‖ of the trainable weights.

        Raises:
            UserError: they are what they were: the adapter was frozen, or the learning rate changes nothing.
        """
        after = dict(model.named_parameters())
        moved = sum(squared(after[name].detach().to(old.device) - old) for name, old in self.before.items())
        relative = (moved / max(sum(map(squared, self.before.values())), 1e-12)) ** 0.5
        if relative < LEAST_CHANGE:
            raise UserError(
                self.stage,
                f"training moved its weights by {relative:.1e} of their norm",
                f"a change above {LEAST_CHANGE:.0e}",
                "raise learning_rate, or train more steps",
            )
        return relative


def squared(weights: torch.Tensor) -> float:
    """Return the sum of squares."""
    return float(weights.float().pow(2).sum())


def trainable(model: Any) -> list[tuple[str, torch.Tensor]]:
    return [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]


def weights_digest(weights: list[tuple[str, torch.Tensor]]) -> str:
    """Return the sha256 of named weights, bit for bit."""
    found = hashlib.sha256()
    for name, weight in sorted(weights, key=lambda pair: pair[0]):
        found.update(name.encode())
        found.update(weight.detach().float().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


@torch.no_grad()
def logits_of(model: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the model's logits for a batch at the positions that count, in fp32 on the CPU."""
    model.eval()
    device = next(model.parameters()).device
    logits = model(**{name: value.to(device) for name, value in batch.items()}).logits.float().cpu()
    return logits[batch["attention_mask"].bool()] if logits.dim() == 3 else logits


def merged(model: Any) -> Any:
    """Return the plain model with the adapter merged in; in fp32, since a bf16 merge loses 0.1 of a logit."""
    return model.float().merge_and_unload()


def largest_gap(before: torch.Tensor, after: torch.Tensor, stage: str, dtype: torch.dtype = torch.float32) -> float:
    """Return the largest difference of two logit tensors of the same batch.

    Raises:
        UserError: the merged or saved model is not the model that was trained.
    """
    gap = float((before - after).abs().max())
    most = max(LARGEST_GAP[dtype], LARGEST_SHARE[dtype] * float(before.abs().max()))
    if not gap <= most:
        raise UserError(
            f"{stage}, merge",
            f"the merged model's logits differ by {gap:.2g} from the adapter's",
            f"at most {most:.3g}",
            "report this with the profile: the merge lost a weight",
        )
    return gap
