"""Parameters of steps: every field says whether it is identity (part of what was made) or runtime (how fast, where)."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict


class Identity:
    """Marks a field whose value is part of what a step makes: changing it makes the step stale."""


class Runtime:
    """Marks a field that only says how a step runs: time-outs, concurrency, paths, device."""


T = TypeVar("T")
Ident = Annotated[T, Identity]
Run = Annotated[T, Runtime]


class Params(BaseModel):
    """Base of every step's parameters; a test fails for a field that is declared neither `Ident` nor `Run`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def identity(self) -> dict[str, object]:
        """Return the identity fields as plain values, nested ones included."""
        return {
            name: value.identity() if isinstance(value := getattr(self, name), Params) else dumped
            for name, dumped in self.model_dump(mode="json").items()
            if is_identity(type(self), name)
        }


def is_identity(model: type[BaseModel], field: str) -> bool:
    return Identity in model.model_fields[field].metadata


def undeclared_fields(model: type[BaseModel]) -> list[str]:
    """Return the fields that are marked neither identity nor runtime, or both."""
    return [
        name for name, info in model.model_fields.items() if (Identity in info.metadata) == (Runtime in info.metadata)
    ]
