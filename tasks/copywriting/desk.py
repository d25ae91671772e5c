"""What lies on a writer's desk: prompts, brand guide, the teacher's identity; and what a task sheet says.

Rendering is pure: the same desk and values give the same bytes, and so the same call key. A call names only what was
found in a text; word lists and rule packs are never rendered (DESIGN section 1, "Two keys").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tasks.brief.model import ContentType, Product
from tasks.compliance.verdict import Reason
from tasks.lineage.errors import UserError
from tasks.lineage.step import Inputs
from tasks.teacher.call import Call
from tasks.teacher.config import TeacherConfig
from tasks.teacher.prompt import Prompt, load_prompt, make_call, render_messages

Messages = tuple[tuple[str, str], ...]
Found = dict[str, str]  # one broken rule as a prompt tells it: rule, kind, span, message, suggestion


@dataclass(frozen=True)
class Desk:
    """prompts: purpose -> prompt (`draft`, `repair`, ...). guide: the brand's prose guide, as prompts quote it."""

    teacher: TeacherConfig
    guide: Mapping[str, Any]
    prompts: Mapping[str, Prompt]
    _systems: dict[ContentType, Messages] = field(default_factory=dict, compare=False, repr=False)

    @property
    def provider(self) -> str:
        """The provider's id, which call keys hold."""
        return self.teacher.provider

    def call(self, purpose: str, messages: Messages) -> Call:
        """Return the call that asks `messages` in the way of the prompt named `purpose`."""
        return make_call(self.prompts[purpose], messages, self.teacher, purpose)

    def whole(self, purpose: str, **values: Any) -> Call:
        """Return the call that asks a prompt by itself, all its sections filled in."""
        return self.call(purpose, render_messages(self.prompts[purpose], **values))

    def system(self, content_type: ContentType) -> Messages:
        """Return the system message of all writing for a content type: the prefix that calls share, rendered once.

        Raises:
            UserError: the draft prompt has lost one of its two sections.
        """
        if content_type not in self._systems:
            prompt = self.prompts["draft"]
            if [role for role, _ in prompt.sections] != ["system", "user"]:
                todo = "restore the two marks in the prompt file"
                raise UserError(f"prompt {prompt.name}", "other sections", "[system], then [user]", todo)
            prefix = replace(prompt, sections=prompt.sections[:1])
            values = {"guide": self.guide, "content_type": content_type, "target": target_chars(content_type)}
            self._systems[content_type] = render_messages(prefix, **values)
        return self._systems[content_type]

    def user(self, purpose: str, **values: Any) -> Messages:
        """Return the user message of a prompt, without its system section."""
        prompt = self.prompts[purpose]
        return render_messages(replace(prompt, sections=prompt.sections[-1:]), **values)


def desk_of(inputs: Inputs, guide: Mapping[str, Any] | None = None) -> Desk:
    """Return the desk of a step that reads `teacher` and `guide` (unless one is given) and declares its prompts.

    Raises:
        UserError: a prompt file is not well formed.
    """
    texts = {path: text for path, text in inputs.prompts.items() if path.endswith(".j2")}  # rubrics are prompts too
    prompts = {path.removesuffix(".j2"): load_prompt(text, name=path) for path, text in texts.items()}
    return Desk(inputs.source("teacher"), inputs.source("guide").guide() if guide is None else guide, prompts)


def target_chars(content_type: ContentType) -> int:
    """Return the length a writer is told to aim at: well below the limit, since models overrun what they are told."""
    return content_type.min_chars + (content_type.max_chars - content_type.min_chars) * 7 // 10


def task_sheet(task: str, product: Product, content_type: ContentType, **more: Any) -> dict[str, Any]:
    """Return the task sheet, the last line of every user message: what to write, its limits, the product's facts."""
    return {
        "task": task,
        "content_type": content_type.id,
        "min_chars": content_type.min_chars,
        "max_chars": content_type.max_chars,
        "hashtags": list(content_type.hashtags),
        "call_to_action": content_type.call_to_action,
        "product": product.sheet(),
        **more,
    }


def found_in(reasons: Iterable[Reason]) -> list[Found]:
    """Return what a teacher is told of broken rules, each rule and span once, on one line each."""
    told: dict[tuple[str, str], Found] = {}
    for reason in reasons:
        span = one_line(reason.text)
        told[reason.rule, span] = {
            "rule": reason.rule,
            "kind": reason.kind,
            "span": span,
            "message": one_line(reason.message),
            "suggestion": one_line(reason.suggestion),
        }
    return list(told.values())


def one_line(text: str) -> str:
    return " ".join(text.split())
