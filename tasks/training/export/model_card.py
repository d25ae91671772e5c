"""The card of an export, README.md: what it is, whose weights, made of what, how it was found, how it is run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from tasks.training.export.licences import Licence, licence_of
from tasks.training.export.subject import Made, Subject

STEPS = {"sft_model": "supervised fine-tuning", "grpo_model": "supervised fine-tuning, then GRPO (or DPO, KTO)"}
TELLING = (
    "rows", "steps", "ended_by_eos_sampled", "end_in_labels", "loss_first", "loss_last", "reward_first", "reward_last",
    "kl_last", "merge_largest_logit_gap", "saved_largest_logit_gap",
)  # fmt: skip
LIMITS = (
    "It writes what it has learnt from the texts below, and nothing makes it stay with a product's facts.",
    "Check every text (`copymill check`) before anybody reads it.",
    "It knows the content types and the prompt of this run; other tasks and other prompts were never tried.",
    "What it writes is AI-made text: label it where the law asks for it (`copymill export copy --channel` does).",
)
RUN = {
    "safetensors": """```python
from transformers import pipeline
writer = pipeline("text-generation", "DIR")
print(writer([{"role": "user", "content": prompt}])[0]["generated_text"][-1]["content"])
```
or `transformers serve DIR`, or vLLM: `vllm serve DIR`. generation_config.json holds the sampling.""",
    "adapter": """```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(START), "DIR")
```
START is what the adapter was trained on, and nothing else fits: {start}.""",
    "gguf-f16": "`llama-cli -m model-f16.gguf --jinja`, `llama-server -m model-f16.gguf --jinja`, or node-llama-cpp.",
    "gguf-q8": "`llama-cli -m model-q8_0.gguf --jinja`, `llama-server -m model-q8_0.gguf --jinja`, or node-llama-cpp.",
    "ollama": "`ollama create NAME -f Modelfile` in this folder, then `ollama run NAME`.",
}


def model_card(subject: Subject, format_: str) -> str:
    """Return README.md, with the front matter that model hubs read."""
    licence = licence_of(subject.base)
    parts = [
        front(subject, licence),
        f"# {subject.step}, as {format_}",
        f"A writer of brand copy, made by Copymill: {STEPS[subject.step]}.",
        "\n".join(f"> **{warning}**" for warning in subject.warnings),
        f"## Base\n\n{base_lines(subject, licence)}",
        f"## How to run it\n\n{RUN[format_].format(start=start_of(subject)) if format_ == 'adapter' else RUN[format_]}",
        f"Sampled, when it was judged, with {sampling_line(subject)}.",
        f"## What was measured\n\n{measured(subject)}",
        "## Made of\n\n" + lineage_table(subject.lineage),
        "## Limits\n\n" + "\n".join(f"- {limit}" for limit in LIMITS),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def front(subject: Subject, licence: Licence) -> str:
    known: dict[str, Any] = {"language": ["zh"], "pipeline_tag": "text-generation", "license": licence.id}
    if licence.id in ("other", "unknown"):
        known |= {"license": "other", "license_name": licence.title}
    if subject.base.name:
        known["base_model"] = subject.base.name
    return f"---\n{yaml.safe_dump(known, allow_unicode=True, sort_keys=False)}---"


def base_lines(subject: Subject, licence: Licence) -> str:
    base = subject.base
    named = f"{base.name} {base.revision}".strip() if base.name else "built and pre-trained by this run, no download"
    lines = [f"- weights: {named}", f"- licence: {licence.title}"]
    if base.name:
        lines[1] += f" (read from: {licence.source})" if licence.source else ""
        lines.append("- these weights are derived from the base's: its licence goes with them, wherever they go")
    if licence.note:
        lines.append(f"- note: {licence.note}")
    return "\n".join(lines)


def start_of(subject: Subject) -> str:
    """Return what an adapter fits on."""
    if subject.step == "grpo_model":
        sft = next((made for made in subject.lineage if made.step == "sft_model"), None)
        return "the merged sft_model of the same run" + (f", content {sft.content[:12]}" if sft else "")
    return subject.base.name or "the base that this run made, in its artifacts"


def sampling_line(subject: Subject) -> str:
    settings = {**subject.sampling.settings, "max_new_tokens": subject.sampling.max_new_tokens}
    return ", ".join(f"{name} {value}" for name, value in settings.items())


def measured(subject: Subject) -> str:
    """Return the gates' figures and those of the step's own card."""
    lines = [f"| on answers for val products | |\n|---|---|\n{table_rows(subject.gates)}"] if subject.gates else []
    if not lines:
        lines.append("No answers of just this model were judged in its home.")
    path = subject.folder / "card.json"
    card = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    told = {name: shown(card[name]) for name in TELLING if card.get(name) is not None}
    parts = {f"reward part {name}": f"{shown(part['first'])} → {shown(part['last'])}"
             for name, part in (card.get("parts") or {}).items()}  # fmt: skip
    lines.append(f"| while training | |\n|---|---|\n{table_rows(told | parts)}")
    if card.get("never_rewarded"):
        lines.append(f"Never rewarded, so that they tell the truth: {', '.join(card['never_rewarded'])}.")
    return "\n\n".join(lines)


def table_rows(figures: Mapping[str, str]) -> str:
    return "\n".join(f"| {name} | {value} |" for name, value in figures.items())


def shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def lineage_table(lineage: tuple[Made, ...]) -> str:
    """Return one line a record, the model's own first: what it is, its fingerprint, what it holds, by which code."""
    lines = ["| step | rows | record | content | code |", "|---|---|---|---|---|"]
    for made in lineage:
        rows = f"{made.rows:,}" if made.rows else ""
        lines.append(f"| {made.step} | {rows} | {made.fingerprint[:12]} | {made.content[:12]} | {made.code[:12]} |")
    return "\n".join(lines)
