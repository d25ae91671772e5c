"""The functions that lm-evaluation-harness calls for the val set: its documents, the gates on an answer, BLEU and chrF.

`copymill export lm-eval` copies this file beside the task that names it, where brand/ and val.jsonl lie too. It needs
copymill to be installed (or on PYTHONPATH): the gates are the very ones of the pipeline. What the harness cannot tell,
whether a model stopped by itself, is left out of the gates here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from tasks.brief.brand import load_brand
from tasks.brief.model import ContentType, Product
from tasks.compliance import Rules, load_rules
from tasks.judging.gates import GATES, JUDGED, gate_passes, passes_all
from tasks.judging.verdicts import verdict_row

FOLDER = Path(__file__).parent
UNKNOWN = "eos"  # the gate that needs to know how the answer ended
MEASURED = tuple(gate for gate in GATES if gate.id != UNKNOWN)


def documents(**_: Any) -> dict[str, Any]:
    """Return {"test": the documents} as a dataset: id, prompt, reference, product and content_type (both as JSON)."""
    from datasets import Dataset

    with (FOLDER / "val.jsonl").open(encoding="utf-8") as file:
        return {"test": Dataset.from_list([json.loads(line) for line in file])}


@lru_cache(maxsize=1)
def rules() -> Rules:
    return load_rules(load_brand(FOLDER / "brand"), FOLDER / "brand")


def process_results(doc: dict[str, Any], results: Sequence[str]) -> dict[str, Any]:
    """Return the metrics of one answer.

    Returns:
        accepted (no blocking rule broken), judged (all judged gates but `eos`), one a gate where it applies, as 0 or 1;
        bleu_zh and chrf: (reference, answer), of which the aggregations below make one figure.
    """
    text = results[0].strip()
    product = Product.model_validate_json(doc["product"])
    content_type = ContentType.model_validate_json(doc["content_type"])
    answer = {
        "answer_id": doc["id"], "system": "lm_eval", "product_id": product.product_id, "content_type": content_type.id,
        "text": text, "ended_by_eos": True,
    }  # fmt: skip
    verdict = verdict_row(answer, product, content_type, rules())
    gates = {f"gate_{gate.id}": passed for gate in MEASURED if (passed := gate_passes(verdict, gate)) is not None}
    judged = passes_all(verdict, [gate for gate in JUDGED if gate.id != UNKNOWN])
    passes = {"accepted": verdict["accepted"], "judged": judged, **gates}
    both = (doc["reference"], text)
    return {**{name: float(passed) for name, passed in passes.items()}, "bleu_zh": both, "chrf": both}


def bleu_zh(pairs: Sequence[tuple[str, str]]) -> float:
    """Return corpus BLEU (0 to 100) with sacrebleu's tokenizer for Chinese."""
    from sacrebleu import corpus_bleu

    references, answers = zip(*pairs, strict=True)
    return float(corpus_bleu(list(answers), [list(references)], tokenize="zh").score)


def chrf(pairs: Sequence[tuple[str, str]]) -> float:
    """Return corpus chrF (0 to 100)."""
    from sacrebleu import corpus_chrf

    references, answers = zip(*pairs, strict=True)
    return float(corpus_chrf(list(answers), [list(references)]).score)
