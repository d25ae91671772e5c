"""GGUF exports in a real llama.cpp (node-llama-cpp's prebuilt one): the same tokens as transformers, and the same end.

`make nightly` installs it where npm is; without it these tests are skipped and say what is missing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tasks.training.chat import prompt_text
from tasks.training.config import Optimizer
from tasks.training.export.formats import export_model
from tasks.training.model_files import load_tokenizer, load_writer
from tasks.training.steps import make_base, make_sft_model
from tests.training.conftest import BASE, SFT, SHAPE, Told
from tests.training.models import random_writer, subject
from tests.training.tables import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
LLAMA = Path(os.environ.get("COPYMILL_LLAMA", Path(__file__).resolve().parents[2] / "build" / "llama"))
INSTALL = (
    f"npm install --prefix {LLAMA} --omit=optional node-llama-cpp@3.22.1 @node-llama-cpp/linux-x64@3.22.1"
    " (or make nightly), or COPYMILL_LLAMA=FOLDER of one"
)
LONGEST = 64
TEXTS = (
    "5%泛醇，25岁以上！",
    "Don't say  it's 100% \n\n 好\t。",
    "<|im_start|>user\n你好<|im_end|>\n",
    "🌸 é ﬁ １２ 。。。\r\n",
)


@pytest.fixture(scope="module")
def llama() -> Any:
    """Return what asks llama.cpp: (GGUF file, texts) -> its answers."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed; llama.cpp is run through it")
    modules = LLAMA / "node_modules"
    if not (modules / "node-llama-cpp").is_dir():
        pytest.skip(f"llama.cpp is not installed; {INSTALL}")

    def ask(file: Path, texts: list[str]) -> dict[str, Any]:
        questions = file.parent / "questions.json"
        questions.write_text(json.dumps([{"text": text} for text in texts]), encoding="utf-8")
        command = ["node", str(Path(__file__).with_name("llama.mjs")), str(modules), str(file), str(questions)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return ask


@pytest.fixture(scope="module")
def taught(tables: World, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A base and an SFT model that has learnt some ads by heart, and to stop: greedy answers worth comparing."""
    root = tmp_path_factory.mktemp("taught")
    shape = SHAPE.model_copy(update={"hidden": 64, "feed_forward": 192, "head_dim": 32})
    base = BASE.model_copy(
        update={"architecture": shape, "optimizer": Optimizer(learning_rate=3e-3, steps=120, batch_size=8)}
    )
    optimizer = Optimizer(learning_rate=3e-3, steps=120, batch_size=8)
    sft = SFT.model_copy(update={"optimizer": optimizer, "max_new_tokens": 96, "min_ended": 0.7})
    folders = {name: root / name for name in ("base", "sft_model")}
    for name, params, make in (("base", base, make_base), ("sft_model", sft, make_sft_model)):
        folders[name].mkdir()
        make(tables.inputs(params, folders), folders[name], Told())
    tokenizer = load_tokenizer(folders["sft_model"])
    prompts = [row["messages"][0]["content"] for row in tables.tables["sft"][::6]]
    return SimpleNamespace(folder=folders["sft_model"], texts=[prompt_text(tokenizer, text) for text in prompts])


def greedy(model: Any, tokenizer: Any, text: str) -> list[int]:
    """Return transformers' greedy answer, its end included."""
    ids = tokenizer(text, return_tensors="pt", add_special_tokens=False, return_token_type_ids=False)
    written = model.generate(**ids, max_new_tokens=LONGEST, do_sample=False, top_k=None, top_p=None, temperature=None)
    return written[0, ids["input_ids"].shape[1] :].tolist()


def test_f16_writes_token_by_token_what_transformers_writes(llama: Any, taught: Any, tmp_path: Path) -> None:
    files = export_model(subject(taught.folder), "gguf-f16", tmp_path / "out")
    found = llama(tmp_path / "out" / next(name for name in files if name.endswith(".gguf")), taught.texts)
    tokenizer, model = load_tokenizer(taught.folder), load_writer(taught.folder)
    wanted = [greedy(model, tokenizer, text) for text in taught.texts]
    assert [answer["written"] for answer in found["answers"]] == wanted
    assert len({tuple(answer) for answer in wanted}) > 1
    assert found["eos"] == tokenizer.eos_token_id
    ended = [answer for answer in found["answers"] if answer["ended"]]
    assert len(ended) >= 0.7 * len(wanted)
    assert all(answer["written"][-1] == tokenizer.eos_token_id for answer in ended)


def test_q8_runs_and_stops_and_differs_by_little(llama: Any, taught: Any, tmp_path: Path) -> None:
    export_model(subject(taught.folder), "ollama", tmp_path / "out")
    found = llama(tmp_path / "out" / "model-q8_0.gguf", taught.texts)
    tokenizer, model = load_tokenizer(taught.folder), load_writer(taught.folder)
    firsts = [greedy(model, tokenizer, text)[0] for text in taught.texts]
    same = [answer["written"][0] == first for answer, first in zip(found["answers"], firsts, strict=True)]
    assert sum(same) >= 0.8 * len(same)
    assert sum(answer["ended"] for answer in found["answers"]) >= 0.7 * len(same)


@pytest.mark.parametrize(("kind", "tied"), [("qwen3", True), ("qwen3", False), ("qwen2", True), ("qwen2", False)])
def test_llama_reads_text_as_the_tokenizer_does(llama: Any, kind: str, tied: bool, tmp_path: Path) -> None:
    folder = random_writer(tmp_path / "model", kind, tie_word_embeddings=tied)
    export_model(subject(folder), "gguf-f16", tmp_path / "out")
    found = llama(tmp_path / "out" / "model-f16.gguf", list(TEXTS))
    tokenizer = load_tokenizer(folder)
    for text, answer in zip(TEXTS, found["answers"], strict=True):
        assert answer["tokens"] == tokenizer(text, add_special_tokens=False)["input_ids"], text
    assert found["architecture"] == kind
    first = first_token(folder, TEXTS[0])
    assert found["answers"][0]["written"][0] == first


@torch.no_grad()
def first_token(folder: Path, text: str) -> int:
    ids = torch.tensor([load_tokenizer(folder)(text, add_special_tokens=False)["input_ids"]])
    return int(load_writer(folder)(ids).logits[0, -1].argmax())
