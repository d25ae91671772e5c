"""Prompt files: YAML front matter between `---` lines, then sections that each begin with a line `[system]`, `[user]`
or `[assistant]`; a file without any is one user message (a repair round, appended to its conversation).

Sections are cut before rendering and values are only ever inserted as data, so no value can become a template or a
section. The same file and values give the same bytes: the prefix cache and the call key rest on that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import yaml
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tasks.lineage.canonical import canonical_json
from tasks.lineage.errors import UserError
from tasks.teacher.call import Call
from tasks.teacher.config import ModelRole, TeacherConfig

ROLES = ("system", "user", "assistant")
_SECTION = re.compile(rf"^\[({'|'.join(ROLES)})\][ \t]*$", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.*?)^---[ \t]*\n?", re.DOTALL | re.MULTILINE)
# Valid inside JSON, but many readers cut lines there: one line of JSON must stay one line.
_LINE_BREAKS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


class _FrontMatter(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(ge=1)
    temperature: float = Field(ge=0, le=2)
    max_tokens: int = Field(ge=1)
    json_answer: bool = Field(default=False, alias="json", strict=True)
    model: ModelRole


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file: how it is asked (front matter) and its sections as (role, Jinja2 source)."""

    name: str
    version: int
    temperature: float
    max_tokens: int
    json: bool
    model: ModelRole
    sections: tuple[tuple[str, str], ...]

    @property
    def template(self) -> str:
        """The Jinja2 source of the last section: the whole file where it has no sections."""
        return self.sections[-1][1]


def load_prompt(source: str | Path, name: str = "") -> Prompt:
    """Return the prompt of a file (a Path, or a str of one line) or of a text (a str of several lines).

    Raises:
        UserError: no such file, no front matter, a bad field, a section twice over, or a template that does not parse.
    """
    if isinstance(source, Path) or "\n" not in source:
        path = Path(source)
        return _parsed(_file_text(path), name or path.name)
    return _parsed(source, name or "prompt")


def render_messages(prompt: Prompt, **values: object) -> tuple[tuple[str, str], ...]:
    """Return (role, content) of each section, trimmed of blank lines around.

    Raises:
        UserError: a value that the template names was not given, or the template failed on it.
    """
    return tuple((role, _rendered(prompt, source, values)) for role, source in prompt.sections)


def render(prompt: Prompt, **values: object) -> str:
    """Return the text of a prompt of one section (see `render_messages`)."""
    if len(prompt.sections) != 1:
        raise ValueError(f"{prompt.name} has {len(prompt.sections)} sections: use render_messages")
    return render_messages(prompt, **values)[0][1]


def make_call(
    prompt: Prompt, messages: tuple[tuple[str, str], ...], config: TeacherConfig, purpose: str, sample: int = 0
) -> Call:
    """Return the call that asks these messages with the sampling of a prompt and the model of its role."""
    return Call(
        purpose=purpose,
        messages=messages,
        model=config.model_for(prompt.model),
        temperature=prompt.temperature,
        max_tokens=prompt.max_tokens,
        json_answer=prompt.json,
        sample=sample,
    )


def one_line_json(value: object) -> str:
    """Return canonical JSON on one line, Unicode unescaped: how every product value enters a prompt."""
    return canonical_json(value).translate(_LINE_BREAKS)


def _file_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"prompt {path}", "no such file", "a prompt file", "restore it or mend its name") from None
    except (OSError, UnicodeDecodeError) as error:
        todo = "save it as UTF-8 and make it readable"
        raise UserError(f"prompt {path}", f"it cannot be read ({error})", "a UTF-8 text file", todo) from None


def _parsed(text: str, name: str) -> Prompt:
    text = text.replace("\r\n", "\n")
    match = _FRONT_MATTER.match(text)
    if match is None:
        raise _fault(name, "no front matter", "a first line ---, fields, and a line --- after them")
    front = _front_matter(match[1], name)
    sections = _sections(text[match.end() :], name)
    for _, source in sections:
        _template(source, name)
    return Prompt(
        name, front.version, front.temperature, front.max_tokens, front.json_answer, front.model, tuple(sections)
    )


def _front_matter(text: str, name: str) -> _FrontMatter:
    try:
        return _FrontMatter.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise _fault(name, f"front matter that is not YAML ({_one_line(error)})", "`field: value` lines") from None
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in fault["loc"]) or "front matter"
        expected = f"version, temperature, max_tokens, json, model ({'|'.join(get_args(ModelRole))})"
        raise _fault(name, f"{field}: {fault['msg'].lower()}", expected) from None


def _sections(body: str, name: str) -> list[tuple[str, str]]:
    marks = list(_SECTION.finditer(body))
    if not marks:
        sections = [("user", body.strip("\n"))]
    elif body[: marks[0].start()].strip():
        raise _fault(name, "text before its first section", f"nothing before [{marks[0][1]}]")
    else:
        ends = [*(mark.start() for mark in marks[1:]), len(body)]
        sections = [(mark[1], body[mark.end() : end].strip("\n")) for mark, end in zip(marks, ends, strict=True)]
    empty = [role for role, source in sections if not source.strip()]
    if empty:
        raise _fault(name, f"an empty [{empty[0]}]", "text in every section")
    if [role for role, _ in sections].count("system") > 1 or "system" in [role for role, _ in sections[1:]]:
        raise _fault(name, "[system] is not the first section, or comes twice", "at most one [system], before [user]")
    return sections


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["json"] = one_line_json
    environment.filters["tojson"] = one_line_json  # Jinja's own escapes for HTML, which a model would have to read
    return environment


@lru_cache(maxsize=256)
def _template(source: str, name: str) -> Template:
    try:
        return _environment().from_string(source)
    except TemplateSyntaxError as error:
        found = f"a template error in line {error.lineno} of a section ({_one_line(error)})"
        raise _fault(name, found, "Jinja2 that parses") from None


def _rendered(prompt: Prompt, source: str, values: dict[str, Any]) -> str:
    try:
        return _template(source, prompt.name).render(values).strip("\n")
    except TemplateError as error:
        raise _fault(prompt.name, f"it cannot be filled in ({_one_line(error)})", "values for all its names") from None


def _fault(name: str, found: str, expected: str) -> UserError:
    return UserError(f"prompt {name}", found, expected, "mend the prompt file")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
