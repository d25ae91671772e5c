"""One export: the model in a format, its card, the base's licence text, a note of what it is; whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tasks.lineage.errors import UserError
from tasks.lineage.files import replacing_folder
from tasks.lineage.store import folder_digests
from tasks.training.export.model_card import model_card
from tasks.training.export.subject import Subject
from tasks.training.model_files import write_json

NOTE = "export.json"  # written into every export: what may be replaced with force, and what it was made from


def write_whole(subject: Subject, out: Path) -> None:
    from tasks.training.export.whole_model import write_safetensors

    write_safetensors(subject, out)


def write_adapter_alone(subject: Subject, out: Path) -> None:
    from tasks.training.export.whole_model import write_adapter

    write_adapter(subject, out)


def write_gguf_file(subject: Subject, out: Path, kind: str) -> None:
    require_gguf()
    from tasks.training.export.gguf_file import write_gguf

    write_gguf(subject, out, kind)


def write_ollama_folder(subject: Subject, out: Path) -> None:
    require_gguf()
    from tasks.training.export.ollama import write_ollama

    write_ollama(subject, out)


WRITERS: dict[str, Callable[[Subject, Path], None]] = {
    "safetensors": write_whole,
    "adapter": write_adapter_alone,
    "gguf-f16": partial(write_gguf_file, kind="f16"),
    "gguf-q8": partial(write_gguf_file, kind="q8"),
    "ollama": write_ollama_folder,
}
FORMATS = tuple(WRITERS)


def require_gguf() -> None:
    from importlib.util import find_spec

    if find_spec("gguf") is None:
        raise UserError("export to GGUF", "the package gguf is missing", "it", "pip install gguf")


def export_model(subject: Subject, format_: str, out: Path, force: bool = False) -> dict[str, str]:
    """Write an export into the folder `out`; return its files' digests by name.

    Raises:
        UserError: no such format; something lies at `out` already; the model cannot be written in this format.
    """
    if format_ not in WRITERS:
        raise UserError(f"--format {format_}", "no such format", f"one of {', '.join(FORMATS)}", "name one of these")
    refuse_to_overwrite(out, force)
    with replacing_folder(out) as folder:
        WRITERS[format_](subject, folder)
        for path in subject.base.folder.glob("LICENSE*") if subject.base.name else ():
            shutil.copyfile(path, folder / path.name)
        (folder / "README.md").write_text(model_card(subject, format_), encoding="utf-8")
        files = folder_digests(folder)
        own = subject.lineage[0]
        write_json(folder / NOTE, {
            "format": format_, "step": subject.step, "record": own.fingerprint, "content": own.content, "files": files,
        })  # fmt: skip
    return files


def refuse_to_overwrite(out: Path, force: bool) -> None:
    """Refuse a place that is taken. Even force replaces an earlier export alone, never somebody's folder.

    Raises:
        UserError: it is taken.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not is_export(out):
        raise UserError(f"--out {out}", "something else than an export lies there", "a new place", "name another")
    if not force:
        raise UserError(f"--out {out}", "an export lies there already", "a new place", "add --force to replace it")


def is_export(folder: Path) -> bool:
    """Return whether a folder holds what an export wrote, and nothing beside it."""
    note = folder / NOTE
    if not note.is_file():
        return False
    written = json.loads(note.read_text(encoding="utf-8")).get("files", {})
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} <= {*written, NOTE}
