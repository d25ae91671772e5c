"""Exports: what other programs read is what was trained, and nothing is half-written, overwritten or guessed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from tasks.lineage.errors import UserError
from tasks.training.chat import CHAT_TEMPLATE, prompt_text
from tasks.training.export import formats
from tasks.training.export.chat_template import chatml, check_template, exported_template
from tasks.training.export.formats import export_model
from tasks.training.export.licences import licence_of
from tasks.training.export.ollama import ollama_template
from tasks.training.export.subject import Base, Sampling
from tasks.training.model_files import load_tokenizer
from tests.training.models import random_writer, subject

THINKING = (
    "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}"
    "{%- endfor %}\n{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\n\n</think>\n\n' }}{%- endif %}"
    "{%- endif %}"
)


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_writer(tmp_path_factory.mktemp("writer") / "model")


def logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model.eval()(torch.arange(3, 40)[None]).logits


def test_safetensors_is_the_same_model_ready_to_be_served(writer: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    files = export_model(subject(writer), "safetensors", out)
    assert {"model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja", "README.md"} <= files.keys()
    load = AutoModelForCausalLM.from_pretrained
    assert torch.equal(logits(load(out)), logits(load(writer)))
    assert "generation" not in AutoTokenizer.from_pretrained(out).chat_template.replace("add_generation_prompt", "")
    sampling = GenerationConfig.from_pretrained(out)
    assert (sampling.do_sample, sampling.temperature, sampling.top_p, sampling.top_k) == (True, 0.7, 0.8, 0)
    assert sampling.eos_token_id == GenerationConfig.from_pretrained(writer).eos_token_id


def test_greedy_profile_exports_greedy_sampling(writer: Path, tmp_path: Path) -> None:
    export_model(subject(writer, sampling=Sampling(0.0, 0.95, 90)), "safetensors", tmp_path / "out")
    settings = json.loads((tmp_path / "out" / "generation_config.json").read_text(encoding="utf-8"))
    assert settings["do_sample"] is False
    assert "temperature" not in settings


def test_adapter_on_its_base_is_the_merged_model(chain: SimpleNamespace, tmp_path: Path) -> None:
    sft = subject(chain.folders["sft_model"])
    export_model(sft, "adapter", tmp_path / "adapter")
    load = AutoModelForCausalLM.from_pretrained
    with_adapter = PeftModel.from_pretrained(load(chain.folders["base"]), str(tmp_path / "adapter"))
    assert torch.allclose(logits(with_adapter), logits(load(chain.folders["sft_model"])), atol=1e-4)
    card = (tmp_path / "adapter" / "README.md").read_text(encoding="utf-8")
    assert "the base that this run made" in card


def test_adapter_names_the_hub_base_that_it_fits(chain: SimpleNamespace, tmp_path: Path) -> None:
    base = Base("Qwen/Qwen3-0.6B", "abc", chain.folders["base"])
    export_model(subject(chain.folders["sft_model"], base=base), "adapter", tmp_path / "out")
    settings = json.loads((tmp_path / "out" / "adapter_config.json").read_text(encoding="utf-8"))
    assert (settings["base_model_name_or_path"], settings["revision"]) == ("Qwen/Qwen3-0.6B", "abc")


def test_model_without_an_adapter_is_told(writer: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="all weights were trained"):
        export_model(subject(writer), "adapter", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_export_that_fails_leaves_nothing(writer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(formats, "model_card", breaks)
    with pytest.raises(RuntimeError):
        export_model(subject(writer), "safetensors", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_export_is_replaced_with_force_alone_and_a_strange_folder_never(writer: Path, tmp_path: Path) -> None:
    out, strange = tmp_path / "out", tmp_path / "strange"
    export_model(subject(writer), "safetensors", out)
    with pytest.raises(UserError, match=r"an export lies there already.*--force"):
        export_model(subject(writer), "safetensors", out)
    export_model(subject(writer, sampling=Sampling(0.5, 1.0, 9)), "safetensors", out, force=True)
    assert GenerationConfig.from_pretrained(out).temperature == 0.5
    strange.mkdir()
    (strange / "thesis.txt").write_text("mine", encoding="utf-8")
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    for place in (strange, out):
        with pytest.raises(UserError, match="something else than an export"):
            export_model(subject(writer), "safetensors", place, force=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "strange"]


def test_unknown_format_is_told(writer: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such format; expected one of safetensors, adapter"):
        export_model(subject(writer), "onnx", tmp_path / "out")


def test_template_without_markers_writes_the_same_text(writer: Path) -> None:
    tokenizer = load_tokenizer(writer)
    exported = exported_template(CHAT_TEMPLATE)
    assert "{%- generation" not in exported
    check_template(tokenizer, exported)
    with pytest.raises(UserError, match="without its markers it writes"):
        check_template(tokenizer, exported.replace("\n", " ", 1))


def test_marker_between_blanks_keeps_its_trimming() -> None:
    text = "a \n {%- generation %} {{ b }} {% endgeneration -%} \n c"
    assert exported_template(text) == "a \n {#- #} {{ b }} {# -#} \n c"


def test_template_that_thinks_by_default_does_not_when_served(writer: Path) -> None:
    tokenizer = load_tokenizer(writer)
    tokenizer.chat_template = THINKING
    served = exported_template(THINKING)
    check_template(tokenizer, served)
    asked = [{"role": "user", "content": "问"}]
    thinking = tokenizer.apply_chat_template(
        asked, tokenize=False, add_generation_prompt=True, chat_template=served, enable_thinking=True
    )
    assert thinking.endswith("<|im_start|>assistant\n")
    assert chatml(tokenizer).opening == "<think>\n\n</think>\n\n"


@pytest.mark.parametrize("template", [CHAT_TEMPLATE, THINKING])
def test_ollama_template_frames_a_prompt_as_training_did(writer: Path, template: str) -> None:
    tokenizer = load_tokenizer(writer)
    tokenizer.chat_template = template
    text = ollama_template(chatml(tokenizer)).partition("{{ .Response }}")[0]
    shown = text.replace("{{ if .System }}<|im_start|>system\n{{ .System }}<|im_end|>\n{{ end }}", "")
    for left in ("{{ if .Prompt }}", "{{ end }}"):
        shown = shown.replace(left, "")
    assert shown.replace("{{ .Prompt }}", "写一条广告") == prompt_text(tokenizer, "写一条广告")


def test_template_that_is_no_chatml_is_told(writer: Path) -> None:
    tokenizer = load_tokenizer(writer)
    tokenizer.chat_template = "{% for message in messages %}[INST]{{ message.content }}[/INST]{% endfor %}"
    with pytest.raises(UserError, match="expected ChatML"):
        chatml(tokenizer)


def test_modelfile_holds_template_system_sampling_and_stops(writer: Path, tmp_path: Path) -> None:
    export_model(subject(writer, system="你是品牌文案。"), "ollama", tmp_path / "out")
    text = (tmp_path / "out" / "Modelfile").read_text(encoding="utf-8")
    assert text.startswith("FROM ./model-q8_0.gguf\nTEMPLATE")
    assert (tmp_path / "out" / "model-q8_0.gguf").is_file()
    for line in (
        'SYSTEM """你是品牌文案。"""', "PARAMETER temperature 0.7", "PARAMETER top_p 0.8", "PARAMETER top_k 0",
        "PARAMETER repeat_penalty 1", "PARAMETER num_ctx 512", "PARAMETER num_predict 90",
        'PARAMETER stop "<|im_end|>"', 'PARAMETER stop "<|endoftext|>"',
    ):  # fmt: skip
        assert line in text.splitlines()


def test_card_says_whose_weights_made_of_what_and_what_was_measured(chain: SimpleNamespace, tmp_path: Path) -> None:
    base = Base("Qwen/Qwen2.5-3B-Instruct", "", tmp_path)
    told = subject(
        chain.folders["sft_model"], base=base, gates={"pass every gate": "14% (10 of 72)"}, warnings=("Simulated.",)
    )
    export_model(told, "safetensors", tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    for part in (
        "license: other\nlicense_name: Qwen Research License", "research only, no commercial use",
        "| pass every gate | 14% (10 of 72) |", "| ended_by_eos_sampled | 0 |", "| sft | 52 | 111111111111 |",
        "> **Simulated.**", "copymill check", "temperature 0.7",
    ):  # fmt: skip
        assert part in card, part


def test_licence_is_read_from_the_base_before_the_list(tmp_path: Path) -> None:
    base = Base("Qwen/Qwen3-0.6B", "", tmp_path)
    assert licence_of(base).id == "apache-2.0"
    assert "list of" in licence_of(base).source
    (tmp_path / "config.json").write_text('{"license": "mit"}', encoding="utf-8")
    assert (licence_of(base).id, licence_of(base).source) == ("mit", "the base's own config.json")
    (tmp_path / "README.md").write_text("---\nlicense: other\nlicense_name: tongyi\n---\n# Base\n", encoding="utf-8")
    assert (licence_of(base).id, licence_of(base).title) == ("other", "tongyi")


def test_licence_of_an_unknown_base_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\nlicense: [broken\n---\n", encoding="utf-8")
    assert licence_of(Base("Qwen/Qwen2.5-72B", "", tmp_path)).title == "unknown: see the base's page"
    assert licence_of(Base("", "", tmp_path)).title.startswith("none: the weights were made here")


def test_licence_text_of_the_base_goes_with_its_weights(writer: Path, tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "LICENSE").write_text("Apache License", encoding="utf-8")
    export_model(subject(writer, base=Base("Qwen/Qwen3-0.6B", "", tmp_path / "base")), "safetensors", tmp_path / "out")
    assert (tmp_path / "out" / "LICENSE").read_text(encoding="utf-8") == "Apache License"
