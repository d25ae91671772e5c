"""The data doctor: is a dataset fit for the step that trains on it, with the tokenizer and length that it will have?

Called by each training step before its model is loaded, and by `copymill doctor` for all of them. Text and labels are
looked at in `tasks/datasets/health.py`; here are token lengths, what truncation would cut, and the ends of answers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tasks.datasets.general import is_brand
from tasks.datasets.health import Finding, by_severity, finding, good_share, text_findings
from tasks.lineage.errors import UserError
from tasks.lineage.step import Row
from tasks.training.chat import dialogue_text, prompt_text
from tasks.training.config import GrpoParams, RewardParams, SftParams
from tasks.training.config_parts import Training
from tasks.training.rows import assistant_turn, user_turn, wanted

LEAST_WHOLE = 0.99  # share of sft rows that must keep their end: as many as need an end token in their labels


@dataclass(frozen=True)
class Use:
    """A table and the step that trains on it."""

    stage: str
    table: str
    params: Training


@dataclass(frozen=True)
class Lengths:
    """Tokens a row, and how many rows (and tokens of theirs) are over `limit`."""

    median: float
    most_of_them: int  # the 95th percentile
    longest: int
    limit: int
    over: int
    tokens_cut: int


@dataclass(frozen=True)
class Examined:
    """What was found of one use.

    rows, general: the brand's rows, and those of a general dataset. lengths: None without a tokenizer. ends: share of
    rows with an end in their labels. good: share of rows labelled good.
    """

    stage: str
    table: str
    rows: int
    general: int
    lengths: Lengths | None
    ends: float | None
    good: float | None
    findings: tuple[Finding, ...]

    @property
    def blocking(self) -> list[Finding]:
        return [one for one in self.findings if one.severity == "block"]

    def card(self) -> dict[str, Any]:
        """Return what a model's card says of its data."""
        told = {"tokens": asdict(self.lengths) if self.lengths else None}
        warned = [f"{one.table}: {one.sentence}" for one in self.findings if one.severity == "warn"]
        return {"data": told | ({"warnings": warned} if warned else {})}


def uses(sft: SftParams, reward: RewardParams, last: GrpoParams) -> list[Use]:
    """Return which step trains on which table under these parameters."""
    rewarded = "reward_rows" if reward.kind == "binary" else "preference"
    learnt = {"grpo": "grpo", "dpo": "preference", "kto": "kto"}[last.method]
    return [Use("sft_model", "sft", sft), Use("reward_model", rewarded, reward), Use("grpo_model", learnt, last)]


def diagnosis(tables: Mapping[str, Sequence[Row]], planned: Sequence[Use], tokenizer: Any) -> list[Examined]:
    """Return what was found of every use whose table is there, as its step will see it, and of the other tables.

    Args:
        tables: name -> rows. tokenizer: of the base; None where there is none yet (no lengths, no ends then).
    Raises:
        UserError: no row of a table is of a content type that its step trains.
    """
    found = []
    for use in planned:
        if use.table in tables:
            rows = wanted(tables[use.table], use.params.content_types, use.table)
            found.append(examined(use, rows, tokenizer, ends=use.stage == "sft_model"))
    rest = [name for name in tables if name not in {use.table for use in planned}]
    return found + [untrained(name, tables[name]) for name in rest]


def untrained(table: str, rows: Sequence[Row]) -> Examined:
    """Return what was found of a table that no step of the profile trains on."""
    findings = tuple(text_findings(table, rows))
    return Examined("", table, *counts(rows), None, None, good_share(rows), findings)


def examined(use: Use, rows: Sequence[Row], tokenizer: Any, ends: bool = False) -> Examined:
    """Return what was found of the rows of one use. ends: whether to look at the labels that TRL makes of them."""
    findings: list[Finding | None] = list(text_findings(use.table, rows))
    lengths, share = None, None
    if tokenizer is not None:
        tokens = [token_count(use.table, row, tokenizer) for row in rows]
        lengths = lengths_of(tokens, use.params.max_length)
        findings.append(cut_finding(use, rows, tokens))
        if ends and isinstance(use.params, SftParams):
            share, missing = ends_in_labels(rows, tokenizer, use.params)
            findings.append(missing)
    kept = by_severity(one for one in findings if one is not None)
    return Examined(use.stage, use.table, *counts(rows), lengths, share, good_share(rows), tuple(kept))


def counts(rows: Sequence[Row]) -> tuple[int, int]:
    """Return how many rows are the brand's, and how many are general."""
    own = sum(is_brand(row) for row in rows)
    return own, len(rows) - own


def fit_to_train(use: Use, rows: Sequence[Row], tokenizer: Any) -> dict[str, Any]:
    """Return what the step's card says of its data, given rows that it is about to train on.

    Raises:
        UserError: a finding blocks; all that do are told.
    """
    found = examined(use, rows, tokenizer)
    if found.blocking:
        told = "; ".join(one.sentence for one in found.blocking)
        todo = "; ".join(dict.fromkeys(one.todo for one in found.blocking))
        raise UserError(use.stage, told, f"rows of {use.table} that are fit to train on", todo)
    return found.card()


# -- tokens ------------------------------------------------------------------------------------------------------------


def token_count(table: str, row: Row, tokenizer: Any) -> int:
    """Return the tokens of a row as its step reads it; of a pair, those of the longer side."""
    return max(len(ids) for ids in tokenizer(read_texts(table, row, tokenizer), add_special_tokens=False)["input_ids"])


def read_texts(table: str, row: Row, tokenizer: Any) -> list[str]:
    """Return the texts that a trainer makes of a row of a table."""
    if table == "sft":
        return [dialogue_text(tokenizer, row["messages"])]
    if table == "grpo":
        return [prompt_text(tokenizer, row["prompt"])]
    if table == "reward_rows":
        return [row["text"]]
    answers = [row[side] for side in ("chosen", "rejected", "completion") if side in row]
    return [dialogue_text(tokenizer, user_turn(row["prompt"]) + assistant_turn(answer)) for answer in answers]


def lengths_of(tokens: Sequence[int], limit: int) -> Lengths:
    ordered = sorted(tokens)
    return Lengths(
        median=median(ordered),
        most_of_them=ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
        longest=ordered[-1],
        limit=limit,
        over=sum(count > limit for count in ordered),
        tokens_cut=sum(count - limit for count in ordered if count > limit),
    )


def cut_finding(use: Use, rows: Sequence[Row], tokens: Sequence[int]) -> Finding | None:
    """Return what truncation would cut: the ends of answers in sft, whole rows of the others."""
    over = [row for row, count in zip(rows, tokens, strict=True) if count > use.params.max_length]
    few = use.table == "sft" and len(over) <= (1 - LEAST_WHOLE) * len(rows)
    lost = "the end of the answer would be cut off" if use.table == "sft" else "they would be dropped or cut off"
    return finding(
        use.table, "truncation", "warn" if few else "block", over, rows,
        f"are longer than {use.params.max_length} tokens: {lost}", f"raise {use.stage}.max_length",
    )  # fmt: skip


def ends_in_labels(rows: Sequence[Row], tokenizer: Any, params: SftParams) -> tuple[float | None, Finding | None]:
    """Return the share of rows with an end-of-answer token in the labels that TRL makes of them, or why it is too low.

    The trainer is the step's own, around a model of no account: what counts is its dataset and its collator.
    """
    from tasks.training.answer_ends import ROWS_CHECKED, labelled_ends
    from tasks.training.checkpoints import Workplace
    from tasks.training.progress import Progress
    from tasks.training.sft import sft_trainer

    checked = list(rows)[:ROWS_CHECKED]
    with tempfile.TemporaryDirectory() as work:
        trainer = sft_trainer(
            stand_in(len(tokenizer)), tokenizer, checked, [], on_any_machine(params), Workplace(Path(work)),
            Progress(lambda *_: None),
        )  # fmt: skip
        prepared: Any = trainer.train_dataset
        try:
            return labelled_ends(prepared, trainer.data_collator, [tokenizer.eos_token_id]), None
        except UserError as error:
            return None, Finding("sft", "end_in_labels", "block", len(checked), len(rows),
                                 f"were looked at: {error.found}", error.todo)  # fmt: skip


def on_any_machine(params: SftParams) -> SftParams:
    """Return the parameters without what only a GPU has; none of it changes a label."""
    machine = params.machine.model_copy(
        update={"device": "cpu", "liger": False, "attention": "auto", "report_to": (), "gradient_checkpointing": False}
    )
    return params.model_copy(update={"machine": machine, "precision": "fp32", "lora": None, "packing": False,
                                     "adapter_from": ""})  # fmt: skip


def stand_in(vocabulary: int) -> Any:
    """Return the smallest model that a trainer takes."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    shape: dict[str, Any] = {"hidden_size": 8, "intermediate_size": 8, "head_dim": 8, "num_hidden_layers": 1}
    heads: dict[str, Any] = {"num_attention_heads": 1, "num_key_value_heads": 1}
    return Qwen3ForCausalLM(Qwen3Config(vocab_size=vocabulary, tie_word_embeddings=True, **shape, **heads))
