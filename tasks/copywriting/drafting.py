"""The call that asks for a first draft."""

from __future__ import annotations

from tasks.brief.model import ContentType, Product
from tasks.copywriting.desk import Desk, task_sheet
from tasks.teacher.call import Call


def draft_call(desk: Desk, product: Product, content_type: ContentType, variant: int) -> Call:
    """Return the draft call: role, guide, law and content type first, for the prefix cache; the product last.

    Args:
        variant: tells deliberate repeats of one question apart (DraftParams.variant).
    """
    sheet = task_sheet("draft", product, content_type, variant=variant)
    return desk.call("draft", desk.system(content_type) + desk.user("draft", sheet=sheet))
