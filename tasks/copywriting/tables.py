"""The tables `drafts` and `copy`: their columns, and their rows from answers and folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import reduce

import pyarrow as pa

from tasks.compliance.verdict import Reason
from tasks.copywriting.cleaning import Cleaning, Round
from tasks.copywriting.config import MODEL_GATES
from tasks.copywriting.fold import Spend
from tasks.copywriting.model_gates import line_of
from tasks.lineage.step import Item, Row, Table
from tasks.teacher.call import Answer

REASON_FIELDS = ("rule", "kind", "severity", "start", "end", "text", "message", "basis", "suggestion")
REASON = pa.struct([(name, pa.int64() if name in ("start", "end") else pa.string()) for name in REASON_FIELDS])
ASKED = pa.struct(
    [
        ("gate", pa.string()),
        ("call_key", pa.string()),
        ("outcome", pa.string()),
        ("fault", pa.string()),
        ("unquoted", pa.int64()),
    ]
)
GATE_SPEND = pa.struct([("gate", pa.string()), ("calls", pa.int64()), ("tokens", pa.int64()), ("cost", pa.float64())])
ROUND = pa.struct(
    [
        ("round", pa.int64()),
        ("action", pa.string()),
        ("text", pa.string()),
        ("reasons", pa.list_(pa.string())),
        ("call_key", pa.string()),
        ("gates", pa.list_(ASKED)),
    ]
)

DRAFTS_TABLE = Table(
    id="item_id",
    content=pa.schema(
        [
            ("item_id", pa.string()),
            ("product_id", pa.string()),
            ("content_type", pa.string()),
            ("sample", pa.int64()),
            ("variant", pa.int64()),
            ("text", pa.string()),
            ("status", pa.string()),
            ("error", pa.string()),
        ]
    ),
    ledger=pa.schema(
        [
            ("call_key", pa.string()),
            ("prompt_tokens", pa.int64()),
            ("cache_hit_tokens", pa.int64()),
            ("completion_tokens", pa.int64()),
            ("cost", pa.float64()),
        ]
    ),
)

COPY_TABLE = Table(
    id="item_id",
    content=pa.schema(
        [
            ("item_id", pa.string()),
            ("product_id", pa.string()),
            ("product_name", pa.string()),
            ("content_type", pa.string()),
            ("split", pa.string()),
            ("text", pa.string()),
            ("status", pa.string()),
            ("error", pa.string()),
            ("rounds", pa.int64()),
            ("reasons", pa.list_(REASON)),
            ("history", pa.list_(ROUND)),
        ]
    ),
    ledger=pa.schema(
        [("calls", pa.int64()), ("tokens", pa.int64()), ("cost", pa.float64()), ("gates", pa.list_(GATE_SPEND))]
    ),
)


def draft_row(item: Item, answer: Answer | str) -> Row:
    """Return the row of an answered draft, or of a failed one whose reason is given instead."""
    if isinstance(answer, str):
        return {**item.data, "item_id": item.id, "text": "", "status": "failed", "error": answer}
    return {
        **item.data,
        "item_id": item.id,
        "text": answer.text,
        "status": "drafted",
        "error": "",
        "prompt_tokens": answer.prompt_tokens,
        "cache_hit_tokens": answer.cache_hit_tokens,
        "completion_tokens": answer.completion_tokens,
        "cost": answer.cost,
    }


def copy_row(item: Item, state: Cleaning | None, error: str, parts: Mapping[str, Spend]) -> Row:
    """Return the row of a text as far as it came: settled, or failed with `error` (state None: it has no draft).

    parts: what its calls took, by purpose; those of model gates are told apart.
    """
    history = state.history if state else ()
    spend = reduce(Spend.with_, parts.values(), Spend())
    return {
        **item.data,
        "item_id": item.id,
        "text": history[-1].text if history else "",
        "status": "failed" if error or state is None else state.outcome,
        "error": error,
        "rounds": history[-1].number if history else 0,
        "reasons": [reason_struct(reason) for reason in history[-1].reasons] if history else [],
        "history": [round_struct(entry) for entry in history],
        "calls": spend.calls,
        "tokens": spend.tokens,
        "cost": spend.cost,
        "gates": [{"gate": gate, **asdict(parts[line_of(gate)])} for gate in MODEL_GATES if line_of(gate) in parts],
    }


def reason_struct(reason: Reason) -> Row:
    return {name: getattr(reason, name) for name in REASON_FIELDS}


def round_struct(entry: Round) -> Row:
    """Return a round of the history; its reasons are the ids of the rules that block, each once."""
    return {
        "round": entry.number,
        "action": entry.action,
        "text": entry.text,
        "reasons": list(dict.fromkeys(reason.rule for reason in entry.blocking)),
        "call_key": entry.call_key,
        "gates": [asdict(asked) for asked in entry.gates],
    }
