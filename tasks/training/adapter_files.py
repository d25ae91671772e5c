"""What an earlier adapter's folder holds, for parameters that name one. Imports nothing heavy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tasks.lineage.canonical import digest, file_digest

NEEDED = ("adapter_config.json", "adapter_model.safetensors")


def adapter_digest(folder: Path) -> str:
    """Return the sha256 of an adapter's files.

    Raises:
        ValueError: the folder holds no adapter in PEFT's form.
    """
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise ValueError(f"adapter_from {folder} has no {' and no '.join(missing)}")
    return digest({name: file_digest(folder / name) for name in NEEDED})


def adapter_settings(folder: Path) -> dict[str, Any]:
    """Return PEFT's settings of an adapter."""
    return json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
