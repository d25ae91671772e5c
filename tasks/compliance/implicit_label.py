"""The implicit label of AI-made content: the metadata `AIGC` with the seven fields of GB 45438—2025, annex E.

The annex was read in public commentary and in files of other producers, not at the source. As these have it: `Label` is
"1" where the content is AI-made for certain; a producer who is the first to pass it on names himself as propagator too;
the reserved codes may hold what guards the content against change.
"""

from __future__ import annotations

import hashlib

AIGC = "AIGC"
MADE_BY_AI = "1"


def implicit_label(producer: str, produce_id: str, content: str) -> dict[str, str]:
    """Return the seven fields, in the annex's order.

    Args:
        producer: name or code of who makes the content.
        produce_id: the content's own number there.
        content: what is labelled, as published; its sha256 is the first reserved code.
    """
    return {
        "Label": MADE_BY_AI,
        "ContentProducer": producer,
        "ProduceID": produce_id,
        "ReservedCode1": hashlib.sha256(content.encode()).hexdigest(),
        "ContentPropagator": producer,
        "PropagateID": produce_id,
        "ReservedCode2": "",
    }
