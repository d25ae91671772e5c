"""An Ollama Modelfile beside a Q8_0 GGUF: template, system prompt, sampling and stops as the model was judged with.

Ollama's own defaults would change all of them (top_k 40, repeat_penalty 1.1, a context that cuts long sheets).
"""

from __future__ import annotations

from pathlib import Path

from transformers import AutoConfig

from tasks.lineage.errors import UserError
from tasks.training.chat import SPECIAL_TOKENS
from tasks.training.export.chat_template import ChatMl, chatml
from tasks.training.export.gguf_file import write_gguf
from tasks.training.export.subject import Sampling, Subject
from tasks.training.model_files import load_tokenizer

CONTEXT = 4096  # tokens; sheets, instruction and the longest content type stay well below it
QUOTES = '"""'


def write_ollama(subject: Subject, out: Path) -> None:
    """Write the GGUF and the Modelfile: `ollama create NAME -f Modelfile` in that folder."""
    file = write_gguf(subject, out, "q8")
    tokenizer = load_tokenizer(subject.folder)
    framed = chatml(tokenizer)
    context = min(AutoConfig.from_pretrained(subject.folder).max_position_embeddings, CONTEXT)
    vocabulary = tokenizer.get_vocab()
    stops = [token for token in dict.fromkeys((tokenizer.eos_token, *SPECIAL_TOKENS)) if token in vocabulary]
    text = modelfile(file.name, framed, subject.system or framed.system, subject.sampling, context, stops)
    (out / "Modelfile").write_text(text, encoding="utf-8")


def modelfile(file: str, framed: ChatMl, system: str, sampling: Sampling, context: int, stops: list[str]) -> str:
    """Return the Modelfile's text.

    Raises:
        UserError: the system prompt holds the quotes that would end it.
    """
    if QUOTES in system:
        raise UserError("system prompt", f"it holds {QUOTES}", "none, since a Modelfile cannot quote them", "mend it")
    parameters = {
        "temperature": f"{sampling.temperature:g}",
        "top_p": f"{sampling.top_p:g}",
        "top_k": "0",
        "repeat_penalty": "1",
        "num_ctx": str(context),
        "num_predict": str(sampling.max_new_tokens),
    }
    return "\n".join(
        [
            f"FROM ./{file}",
            f"TEMPLATE {QUOTES}{ollama_template(framed)}{QUOTES}",
            f"SYSTEM {QUOTES}{system}{QUOTES}" if system else "# no SYSTEM: the model was trained without one",
            *(f"PARAMETER {name} {value}" for name, value in parameters.items()),
            *(f'PARAMETER stop "{stop}"' for stop in stops),
            "",
        ]
    )


def ollama_template(framed: ChatMl) -> str:
    """Return ChatML in Ollama's template language; the answer opens as it did in training."""
    return (
        "{{ if .System }}<|im_start|>system\n{{ .System }}<|im_end|>\n{{ end }}"
        "{{ if .Prompt }}<|im_start|>user\n{{ .Prompt }}<|im_end|>\n{{ end }}"
        "<|im_start|>assistant\n" + framed.opening + "{{ .Response }}<|im_end|>\n"
    )
