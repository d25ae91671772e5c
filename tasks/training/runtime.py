"""What must be settled before torch is imported: threads that sleep, a hub that is not asked, libraries that are quiet.

Import this module first and call `prepare`; it imports torch only then. Several training processes share few cores,
and OpenMP's busy waiting costs them four fifths of their speed (facts: 1.0 s → 0.23 s a step).
"""

from __future__ import annotations

import logging
import os
import warnings

from tasks.lineage.errors import UserError
from tasks.training.config import Machine

ENVIRONMENT = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TRL_EXPERIMENTAL_SILENCE": "1",
}
NOISY = ("accelerate", "datasets", "huggingface_hub", "matplotlib", "peft", "torch", "transformers", "trl")


def prepare(machine: Machine) -> None:
    """Set up this process for training or generation; safe to call again.

    Raises:
        UserError: the profile asks for a GPU and torch sees none.
    """
    os.environ.update(ENVIRONMENT)
    if machine.offline:
        os.environ["HF_HUB_OFFLINE"] = "1"
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)
        warnings.filterwarnings("ignore", module=rf"{name}(\.|$)")
    import datasets
    import torch
    import transformers

    torch.set_num_threads(machine.threads)
    datasets.disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    if machine.device == "cuda" and not torch.cuda.is_available():
        raise UserError("profile", "device is cuda and torch sees no GPU", "a CUDA GPU", "use --profile tiny, or a GPU")
