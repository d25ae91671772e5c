"""Answers: the same alone and in a batch, sampled by seed, and honest about how they ended."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from tasks.training.config import GenerationParams, Machine
from tasks.training.generation import answer, generate
from tasks.training.model_files import load_tokenizer
from tasks.training.sampling import SeededSampling
from tests.training.tables import World

PARAMS = GenerationParams(max_new_tokens=16, machine=Machine(threads=1))


@pytest.fixture(scope="module")
def prompts(tables: World) -> list[str]:
    return [row["prompt"] for row in tables.tables["grpo"][:7]]


@pytest.mark.parametrize("temperature", [0.0, 0.9])
def test_answer_is_the_same_alone_and_in_a_batch(
    chain: SimpleNamespace, prompts: list[str], temperature: float
) -> None:
    params = PARAMS.model_copy(update={"temperature": temperature})
    together = generate(chain.folders["sft_model"], prompts, params)
    alone = generate(chain.folders["sft_model"], prompts, params.model_copy(update={"batch_size": 1}))
    assert together == alone
    assert len(together) == len(prompts)


def test_another_seed_samples_other_answers_and_greedy_ignores_it(chain: SimpleNamespace, prompts: list[str]) -> None:
    def answers(temperature: float, seed: int) -> list[str]:
        params = PARAMS.model_copy(update={"temperature": temperature, "seed": seed})
        return [found.text for found in generate(chain.folders["base"], prompts, params)]

    assert answers(0.9, 1) != answers(0.9, 2)
    assert answers(0.9, 1) == answers(0.9, 1)
    assert answers(0.0, 1) == answers(0.0, 2)


def test_progress_counts_answers(chain: SimpleNamespace, prompts: list[str]) -> None:
    told: list[tuple[int, int]] = []
    params = PARAMS.model_copy(update={"batch_size": 3})
    generate(chain.folders["base"], prompts, params, lambda done, total, note="": told.append((done, total)))
    assert told == [(3, 7), (6, 7), (7, 7)]


def test_answer_ends_at_its_end_token_and_padding_is_no_text(chain: SimpleNamespace) -> None:
    tokenizer = load_tokenizer(chain.folders["base"])
    words = tokenizer("温和。", add_special_tokens=False)["input_ids"]
    ended = answer(tokenizer, [*words, tokenizer.eos_token_id, tokenizer.pad_token_id], [tokenizer.eos_token_id])
    cut = answer(tokenizer, words, [tokenizer.eos_token_id])
    assert (ended.text, ended.ended_by_eos, ended.tokens) == ("温和。", True, len(words) + 1)
    assert (cut.text, cut.ended_by_eos, cut.tokens) == ("温和。", False, len(words))


def test_draws_follow_the_distribution_and_stay_in_the_nucleus() -> None:
    probabilities = torch.tensor([0.5, 0.3, 0.15, 0.05])
    drawing = SeededSampling([f"prompt {n}" for n in range(4000)], seed=3, temperature=1.0, top_p=0.9)
    drawn = drawing(None, probabilities.log().repeat(4000, 1)).argmax(dim=-1)
    shares = torch.bincount(drawn, minlength=4) / 4000
    assert shares.tolist() == pytest.approx([0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0.0], abs=0.03)


def test_importing_the_declarations_does_not_import_torch() -> None:
    import subprocess
    import sys

    code = (
        "import sys; import tasks.training.steps, tasks.training.generation, tasks.training.config;"
        "sys.exit(bool({'torch', 'transformers', 'trl', 'matplotlib'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
