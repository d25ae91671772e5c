"""What a profile asks of the machine, held against what is there before anything is loaded.

Every message names the switch, what is missing, and what to do instead: a missing package would else show itself
after minutes of loading, in the words of another library.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from tasks.lineage.errors import UserError
from tasks.training.config_parts import Machine, Training
from tasks.training.processes import count, local_index

# switch -> (Python module, what to install); all of them also need a CUDA GPU
FLASH = {
    "flash_attention_2": ("flash_attn", "flash-attn"),
    "flash_attention_3": ("flash_attn_interface", "flash-attn-3"),
}
TENSORBOARD = "tensorboard"


def check_switches(params: Training, stage: str) -> None:
    """Hold a training step's switches against this machine.

    Raises:
        UserError: something that a switch needs is missing.
    """
    machine = params.machine
    if machine.attention in FLASH:
        require_gpu_package(machine, stage, f"machine.attention {machine.attention}", *FLASH[machine.attention])
    if machine.liger:
        require_gpu_package(machine, stage, "machine.liger", "liger_kernel", "liger-kernel")
    if getattr(getattr(params, "lora", None), "qlora", False):
        require_gpu_package(machine, stage, "lora.qlora", "bitsandbytes", "bitsandbytes")
    if getattr(getattr(params, "group", None), "vllm", "no") != "no":
        require_gpu_package(machine, stage, "group.vllm", "vllm", "vllm")
    if getattr(params, "packing", False) and machine.attention not in FLASH:
        raise UserError(
            f"{stage}.packing", f"machine.attention is {machine.attention}", "flash attention, which keeps rows apart",
            "set machine.attention to flash_attention_2, or packing to false",
        )  # fmt: skip
    if params.precision == "bf16" and machine.device == "cuda":
        require_bf16(stage)
    if machine.device == "cuda" and count() == 1:
        require_one_gpu(stage)
    reporters(machine, stage)


def require_gpu_package(machine: Machine, stage: str, switch: str, module: str, package: str) -> None:
    """Refuse a switch whose GPU or package is missing, naming all that is."""
    missing = [] if machine.device == "cuda" and has_gpu() else ["a CUDA GPU (machine.device cuda)"]
    if find_spec(module) is None:
        missing.append(f"the package {package}")
    if missing:
        raise UserError(
            f"{stage}.{switch}", f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} missing",
            "both" if len(missing) > 1 else "it", f"install {package} on a machine with a GPU, or switch it off",
        )  # fmt: skip


def has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def require_one_gpu(stage: str) -> None:
    """Refuse several GPUs in one process: transformers would train by DataParallel, which TRL refuses later."""
    import torch

    if torch.cuda.device_count() > 1:
        raise UserError(
            f"{stage}.machine", f"one process and {torch.cuda.device_count()} GPUs", "a process for each, or one GPU",
            "set machine.launch to an accelerate config (deployments/accelerate), or CUDA_VISIBLE_DEVICES to one GPU",
        )  # fmt: skip


def require_bf16(stage: str) -> None:
    import torch

    if not torch.cuda.is_bf16_supported():
        raise UserError(f"{stage}.precision", "this GPU has no bf16", "Ampere or newer", "set precision to fp32")


def reporters(machine: Machine, stage: str) -> list[str]:
    """Return who is told the curves, by transformers' names; TensorBoard for `auto`, where it is installed.

    Raises:
        UserError: a name that nobody knows, or whose package is not installed.
    """
    from transformers.integrations.integration_utils import (
        INTEGRATION_TO_CALLBACK,
        get_available_reporting_integrations,
    )

    there = get_available_reporting_integrations()
    names = [name for name in machine.report_to if name != "auto"]
    for name in names:
        if name not in INTEGRATION_TO_CALLBACK:
            known = ", ".join(sorted(INTEGRATION_TO_CALLBACK))
            raise UserError(f"{stage}.machine.report_to", f"{name} is unknown", f"some of {known}", "mend the name")
        if name not in there:
            raise UserError(
                f"{stage}.machine.report_to", f"the package of {name} is not installed", "it, or another reporter",
                f"pip install {name}, or take it out",
            )  # fmt: skip
    if "auto" in machine.report_to and TENSORBOARD in there and TENSORBOARD not in names:
        names.append(TENSORBOARD)
    return names


def loading(params: Training) -> dict[str, Any]:
    """Return what `from_pretrained` is told of the switches."""
    found: dict[str, Any] = {}
    if params.machine.attention != "auto":
        found["attn_implementation"] = params.machine.attention
    if getattr(getattr(params, "lora", None), "qlora", False):
        import torch
        from transformers import BitsAndBytesConfig

        found["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16 if params.precision == "bf16" else torch.float32,
        )  # fmt: skip
        found["device_map"] = {"": local_index()}
    return found
