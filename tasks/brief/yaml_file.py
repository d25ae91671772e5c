"""YAML as people write it, read strictly: one clear sentence for each fault, and the line of every value.

Invariants: nothing is executed or expanded (safe loader, no aliases); a key that stands twice is an error, where YAML
itself would keep the last one without a word.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from tasks.lineage.errors import InputErrors, UserError

Model = TypeVar("Model", bound=BaseModel)

EXPECTED = {  # pydantic's error type -> what a person should have written
    "string_type": "text, in quotes where it holds a colon, a number, a date or yes/no",
    "tuple_type": "a list (`[a, b]`, or one `- entry` a line)",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "invalid_key": "field names that are text",
}


def read_yaml(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the mapping in a YAML file and the line (from 1) of every value in it.

    Returns:
        (values, lines): lines has dotted paths, list entries by position (`points.0`).
    Raises:
        UserError: missing, not UTF-8, not YAML, an alias, a key twice, not a mapping; with the line where there is one.
    """
    text = read_text(path)
    try:
        refuse_aliases(path, text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        found = str(error.problem or error.context or "it cannot be read")
        raise fault(path, mark.line + 1 if mark else None, f"not valid YAML ({found})", "valid YAML") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise fault(path, None, f"not valid YAML ({' '.join(str(error).split())})", "valid YAML") from error
    if not isinstance(node, yaml.MappingNode):
        raise fault(path, None, "no fields in it", "a mapping of fields (`name: value`)")
    return values, node_lines(path, node)


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file.

    Raises:
        UserError: it is missing, a folder, unreadable or in another encoding.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UserError(str(path), "the file is missing", "a YAML file", "create it or name another folder") from error
    except UnicodeDecodeError as error:
        raise UserError(str(path), f"byte {error.start + 1} is not UTF-8", "UTF-8 text", "save it as UTF-8") from error
    except OSError as error:
        found = f"it cannot be read ({error.strerror})"
        raise UserError(str(path), found, "a readable YAML file", "check the path and its permissions") from error


def refuse_aliases(path: Path, text: str) -> None:
    """Refuse YAML aliases: a cyclic or nested one could be endless, and a style guide needs none."""
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise fault(path, event.start_mark.line + 1, f"an alias (*{event.anchor})", "values written out")


def node_lines(path: Path, node: yaml.Node, prefix: str = "") -> dict[str, int]:
    """Return dotted path -> line (from 1) of everything below a node.

    Raises:
        UserError: a key stands twice.
    """
    lines: dict[str, int] = {}
    for key, line, child in children(node):
        name = f"{prefix}{key}"
        if name in lines:
            raise fault(path, line, f"`{name}` stands twice (first in line {lines[name]})", "each field once")
        lines[name] = line
        lines |= node_lines(path, child, f"{name}.")
    return lines


def children(node: yaml.Node) -> list[tuple[str, int, yaml.Node]]:
    """Return (key, line from 1, node) of each value right below a node; a list's keys are its positions."""
    if isinstance(node, yaml.MappingNode):
        return [(str(key.value), key.start_mark.line + 1, value) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(str(place), item.start_mark.line + 1, item) for place, item in enumerate(node.value)]
    return []


def validated(path: Path, model: type[Model], values: dict[str, Any], lines: dict[str, int], prefix: str = "") -> Model:
    """Return `values` as a model.

    Args:
        prefix: the dotted path of `values` in the file, for the lines (`paid_ad_cta.`).
    Raises:
        UserError: one fault. InputErrors: several, each with its field and line.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found = without_misspelt([dict(one) for one in error.errors()])
        faults = [model_fault(path, model, one, lines, prefix) for one in found]
    raise faults[0] if len(faults) == 1 else InputErrors(str(path), faults)


def without_misspelt(errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the errors without those for missing fields that stand there misspelt: one slip is told once."""
    unknown = [str(error["loc"][-1]) for error in errors if error["type"] == "extra_forbidden"]
    return [
        error for error in errors if error["type"] != "missing" or not get_close_matches(str(error["loc"][-1]), unknown)
    ]


def model_fault(
    path: Path, model: type[BaseModel], error: dict[str, Any], lines: dict[str, int], prefix: str
) -> UserError:
    """Return one of pydantic's errors as a sentence with its line."""
    field = prefix + ".".join(str(part) for part in error["loc"])
    line = next((lines[name] for name in ancestors(field) if name in lines), None)
    known = ", ".join(model.model_fields)
    if error["type"] == "missing":
        return fault(path, line, f"the field `{field}` is missing", f"the fields {known}", f"add `{field}`")
    if error["type"] == "extra_forbidden":
        meant = get_close_matches(str(error["loc"][-1]), model.model_fields, n=1)
        todo = f"write `{meant[0]}`" if meant else f"remove `{field}`"
        return fault(path, line, f"the field `{field}` is unknown", f"one of {known}", todo)
    return fault(path, line, f"`{field}` is {shown(error['input'])}", expected_of(error), f"correct `{field}`")


def expected_of(error: dict[str, Any]) -> str:
    """Return what would have been right, in words: ours, the allowed values, or pydantic's own message."""
    if error["type"] in EXPECTED:
        return EXPECTED[error["type"]]
    if error["type"] == "literal_error":
        return f"one of {error['ctx']['expected']}"
    return str(error["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")


def ancestors(field: str) -> list[str]:
    """Return the path itself and the paths above it, nearest first: `a.b.0` -> [`a.b.0`, `a.b`, `a`]."""
    parts = field.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def fault(path: Path, line: int | None, found: str, expected: str, todo: str = "correct the file") -> UserError:
    """Return a UserError about a place in a YAML file."""
    subject = str(path) if line is None else f"{path} line {line}"
    return UserError(subject, found, expected, todo)
