"""The brand guide and the content types, read from a brand's folder.

Invariants: what is loaded is stripped and complete; a fault names its file, field and line. The content types are those
of `brands/content_types.yaml` in this project, over which the brand's own `content_types.yaml` lies.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tasks.brief.model import Brand, ContentType
from tasks.brief.yaml_file import fault, read_yaml, validated
from tasks.lineage.errors import InputErrors, UserError

BRAND_FILE = "brand.yaml"
CONTENT_TYPES_FILE = "content_types.yaml"
DEFAULT_CONTENT_TYPES = Path(__file__).resolve().parents[2] / "brands" / CONTENT_TYPES_FILE
ID = re.compile(r"[a-z][a-z0-9_]{0,47}")  # ids stand in item ids and file names
REQUIRED_TEXTS = ("id", "name", "philosophy", "persona")


def load_brand(folder: Path) -> Brand:
    """Return the brand guide of a folder's `brand.yaml`.

    Raises:
        UserError: the folder or file is missing, not YAML, or a field is missing, unknown, empty or of the wrong kind.
        InputErrors: several such faults.
    """
    path = brand_file(folder)
    values, lines = read_yaml(path)
    brand = validated(path, Brand, stripped(values), lines)
    raise_all(path, brand_faults(path, brand, lines))
    return brand


def brand_lines(folder: Path) -> dict[str, int]:
    """Return dotted field path -> line (from 1) in `brand.yaml`, list entries by position (`forbidden.2`): for trace.

    Raises:
        UserError: the file is missing or not YAML.
    """
    return read_yaml(brand_file(folder))[1]


def load_content_types(folder: Path, default: Path = DEFAULT_CONTENT_TYPES) -> dict[str, ContentType]:
    """Return id -> content type: the default file's in its order, then those that the brand's own file adds.

    A brand's entry with a known id replaces only the fields that it names.

    Raises:
        UserError: a file is not YAML, a field is missing, unknown or of the wrong kind (a family that is none of
            social, ecommerce, paid_ad), or limits contradict each other. InputErrors: several such faults.
    """
    types = content_types_of(default, {})
    own = folder / CONTENT_TYPES_FILE
    return content_types_of(own, types) if own.exists() else types


def brand_file(folder: Path) -> Path:
    """Return the path of the folder's `brand.yaml`.

    Raises:
        UserError: there is no such folder.
    """
    if not folder.is_dir():
        raise UserError(str(folder), "no such folder", f"a brand's folder with {BRAND_FILE}", "correct --brand")
    return folder / BRAND_FILE


def brand_faults(path: Path, brand: Brand, lines: dict[str, int]) -> list[UserError]:
    """Return what the schema cannot say: empty texts, empty words, an unfit id, words both wanted and forbidden."""
    faults = [
        fault(path, lines[name], f"`{name}` is empty", "text", f"fill in `{name}`")
        for name in REQUIRED_TEXTS
        if not getattr(brand, name)
    ]
    for name in ("points", "encouraged", "forbidden"):
        for place, word in enumerate(getattr(brand, name)):
            if not word:
                line = lines[f"{name}.{place}"]
                faults.append(fault(path, line, f"`{name}` holds an empty entry", "words", "remove the entry"))
    if brand.id and not ID.fullmatch(brand.id):
        faults.append(fault(path, lines["id"], f"`id` is {brand.id!r}", "lower-case letters, digits and _"))
    if not brand.points:
        faults.append(fault(path, lines["points"], "`points` is empty", "at least one point"))
    for place, word in enumerate(brand.forbidden):
        if word and word in brand.encouraged:
            line = lines[f"forbidden.{place}"]
            faults.append(fault(path, line, f"{word} is encouraged and forbidden", "one of both", "remove one"))
    return faults


def content_types_of(path: Path, known: dict[str, ContentType]) -> dict[str, ContentType]:
    """Return the known types with those of one file laid over them."""
    values, lines = read_yaml(path)
    types, faults = dict(known), list[UserError]()
    for name, fields in values.items():
        try:
            types[name] = content_type_of(path, name, fields, lines, known.get(name))
        except InputErrors as error:
            faults += error.faults
        except UserError as error:
            faults.append(error)
    raise_all(path, faults)
    return types


def content_type_of(
    path: Path, name: object, fields: object, lines: dict[str, int], known: ContentType | None
) -> ContentType:
    """Return one content type from its fields, the known type's fields where they are not named."""
    line = lines[str(name)]
    if not isinstance(name, str) or not ID.fullmatch(name):
        raise fault(path, line, f"the id {name}", "lower-case letters, digits and _", "rename the content type")
    if not isinstance(fields, dict):
        raise fault(path, line, f"`{name}` has no fields", "a mapping of fields", "fill it in or remove it")
    if "id" in fields:
        raise fault(path, lines[f"{name}.id"], f"`{name}` has a field `id`", "its key alone", "remove the field")
    base = known.model_dump() if known else {}
    content_type = validated(path, ContentType, {**base, **stripped(fields), "id": name}, lines, f"{name}.")
    raise_all(path, content_type_faults(path, content_type, line))
    return content_type


def content_type_faults(path: Path, content_type: ContentType, line: int) -> list[UserError]:
    """Return contradictions between fields, and empty texts."""
    name, (least, most) = content_type.id, content_type.hashtags
    faults = []
    if content_type.min_chars > content_type.max_chars:
        found = f"`{name}` has min_chars {content_type.min_chars} over max_chars {content_type.max_chars}"
        faults.append(fault(path, line, found, "min_chars at most max_chars"))
    if not 0 <= least <= most:
        faults.append(fault(path, line, f"`{name}` has hashtags [{least}, {most}]", "[least, most] from 0"))
    if not content_type.title or not content_type.title_en:
        faults.append(fault(path, line, f"`{name}` has an empty title", "title and title_en filled in"))
    if not content_type.structure or not all([*content_type.structure, *content_type.labels]):
        faults.append(fault(path, line, f"`{name}` has an empty structure or label", "sentences and words"))
    return faults


def stripped(value: Any) -> Any:
    """Return YAML values with the white space around every text removed."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return [stripped(entry) for entry in value]
    return {key: stripped(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def raise_all(path: Path, faults: list[UserError]) -> None:
    """Raise the one fault, or all of them together; nothing where there is none."""
    if faults:
        raise faults[0] if len(faults) == 1 else InputErrors(str(path), faults)
