"""The reward model as a classifier of single texts, good or bad: its trainer, and its figures on held-out texts.

The model has one output, the log-odds that a text is good, so that later stages read it as any reward model's score.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from datasets import Dataset
from peft import get_peft_model
from transformers import DataCollatorWithPadding, Trainer, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from tasks.lineage.step import Row
from tasks.training.adapters import lora_config
from tasks.training.arguments import trainer_arguments
from tasks.training.checkpoints import Workplace
from tasks.training.config import RewardParams
from tasks.training.evaluation import checkpoint_arguments, even_batch, stopping
from tasks.training.progress import Progress
from tasks.training.scoring import Scorer, text_read


def binary_trainer(
    model: Any, tokenizer: Any, rows: Sequence[Row], back: Sequence[Row], params: RewardParams, work: Workplace,
    progress: Progress,
) -> Trainer:  # fmt: skip
    """Return a trainer on texts with a label (1 good, 0 bad), by logistic loss; texts over max_length are left out."""
    model.config.get_text_config().pad_token_id = tokenizer.pad_token_id  # to find each row's last token
    model.config.problem_type = "multi_label_classification"  # transformers' name for a logistic loss on each output
    adapter = lora_config(params.lora, "SEQ_CLS", tied=False)
    shared = trainer_arguments(params, params.optimizer, work, "reward_model")
    arguments = TrainingArguments(
        **shared,
        **checkpoint_arguments(params.machine, params.evaluation),
        per_device_eval_batch_size=even_batch(len(back), shared["per_device_train_batch_size"]),
        label_names=["labels"],
    )
    trainer = Trainer(
        model=get_peft_model(model, adapter) if adapter else model,
        args=arguments,
        train_dataset=texts(rows, tokenizer, params.max_length),
        eval_dataset=texts(back, tokenizer, params.max_length) if back else None,
        data_collator=DataCollatorWithPadding(tokenizer),
        processing_class=tokenizer,
        compute_metrics=evaluated,
        callbacks=[progress, *stopping(params.evaluation)],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def texts(rows: Sequence[Row], tokenizer: Any, longest: int) -> Any:
    """Return token ids and one float label a text; a text that names its prompt is read with it."""
    read = [text_read(tokenizer, row.get("prompt"), row["text"]) for row in rows]
    ids = tokenizer(read, add_special_tokens=False)["input_ids"]
    return Dataset.from_list(
        [
            {"input_ids": tokens, "labels": [float(row["label"])]}
            for row, tokens in zip(rows, ids, strict=True)
            if len(tokens) <= longest
        ]
    )


def evaluated(prediction: Any) -> dict[str, float]:
    """Return the figures of an evaluation while training, counted over all its texts."""
    return classification(np.ravel(prediction.predictions) > 0, np.ravel(prediction.label_ids) > 0.5)


def classified(scorer: Scorer, pairs: Sequence[Row]) -> dict[str, float]:
    """Return the figures on the texts of held-out pairs: chosen ones are good, rejected ones bad."""
    if not pairs:
        return {}
    prompts = [row["prompt"] for row in pairs]
    found = scorer.scores(prompts * 2, [row["chosen"] for row in pairs] + [row["rejected"] for row in pairs])
    labels = [True] * len(pairs) + [False] * len(pairs)
    return {"texts": len(labels), **classification(np.array(found) > 0, np.array(labels))}


def classification(said: np.ndarray, label: np.ndarray) -> dict[str, float]:
    """Return accuracy, precision, recall and F1 of `good`; 0 where a share has nothing to be of."""
    right = int((said & label).sum())
    precision = right / max(int(said.sum()), 1)
    recall = right / max(int(label.sum()), 1)
    return {
        "accuracy": round(float((said == label).mean()), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / (precision + recall), 4) if right else 0.0,
    }
