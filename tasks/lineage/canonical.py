"""Canonical JSON and digests: the same value gives the same bytes on every machine and in every process."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel


def canonical_json(value: object) -> str:
    """Return JSON with sorted keys, no spaces and unescaped Unicode; numpy and pydantic values are plain first.

    Raises:
        TypeError: a value has no canonical form (a NaN, an object, a set).
    """
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def plain(value: object) -> object:
    """Return `value` as None, bool, int, float, str, list or dict."""
    if isinstance(value, BaseModel):
        return plain(value.model_dump(mode="json"))
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):  # numpy arrays and scalars, as pandas hands them over
        return plain(value.tolist())
    if isinstance(value, float) and math.isnan(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"no canonical form for {type(value).__name__}")


def digest(value: object) -> str:
    """Return the sha256 (64 hex digits) of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the sha256 (64 hex digits) of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unit_hash(seed: int | str, *names: str) -> float:
    """Return a number in [0, 1) that depends on the seed and names alone: the base of every seeded assignment."""
    key = "\x1f".join([str(seed), *names]).encode()
    return int.from_bytes(hashlib.sha256(key).digest()[:8], "big") / 2**64
