"""The parts that the training steps' parameters share: machine, adapter, optimizer, evaluation.

What changes the weights is identity. What only says where and how fast is runtime, with one known exception: float
sums depend on how work is cut up, so `threads`, `device`, `micro_batch`, `launch`, `attention` and `liger` can move the
last bits of a weight.
"""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import Field, model_validator

from tasks.lineage.params import Ident, Params, Run

PAID_ADS = ("paid_ad_bab", "paid_ad_cta", "paid_ad_fab", "paid_ad_pas")


class Machine(Params):
    """Where and how fast a step runs; never what it makes.

    micro_batch: rows a forward pass; the optimizer's batch is `batch_size`, reached by accumulation. 0 means all.
    report_to: who is told the curves while they grow, by transformers' names; `auto` is TensorBoard where it is
    installed, and () is nobody. tensorboard: its folder for event files (they hold clocks, so they never go into the
    step's own folder); "" is `artifacts/tensorboard` of the home.
    checkpoint_every: steps between checkpoints, from which a killed training goes on; 0 makes none. With an evaluation
    they are made when it is. keep_checkpoints: how many are kept beside the best.
    attention, liger: implementations that must be installed; `auto` is what transformers chooses.
    launch: an accelerate config (`deployments/accelerate`); the step then trains in its processes. "": in this one.
    offline: never ask a model hub, fail instead.
    """

    device: Run[Literal["cpu", "cuda"]] = "cpu"
    threads: Run[int] = Field(default=2, ge=1)
    micro_batch: Run[int] = Field(default=0, ge=0)
    gradient_checkpointing: Run[bool] = False
    checkpoint_every: Run[int] = Field(default=50, ge=0)
    keep_checkpoints: Run[int] = Field(default=2, ge=2)
    report_to: Run[tuple[str, ...]] = ("auto",)
    tensorboard: Run[str] = ""
    attention: Run[Literal["auto", "eager", "sdpa", "flash_attention_2", "flash_attention_3"]] = "auto"
    liger: Run[bool] = False
    launch: Run[str] = ""
    offline: Run[bool] = True


class Loaded(Protocol):
    """What a model needs to be loaded."""

    @property
    def precision(self) -> Literal["fp32", "bf16"]: ...

    @property
    def machine(self) -> Machine: ...


class Lora(Params):
    """The adapter. `train_embeddings` also trains the token table, tied or not: the only way that an adapter reaches
    an end-of-answer row which the base has not learnt (facts: .16 → 1.00 of answers ended). `qlora` trains it on a base
    in four bits (NF4), which needs a GPU; the merge is into the base's own weights.
    """

    r: Ident[int] = Field(default=16, ge=1)
    alpha: Ident[int] = Field(default=32, ge=1)
    dropout: Ident[float] = Field(default=0.0, ge=0, lt=1)
    targets: Ident[str] = "all-linear"
    rslora: Ident[bool] = False
    dora: Ident[bool] = False
    qlora: Ident[bool] = False
    train_embeddings: Ident[bool] = False


class Optimizer(Params):
    """AdamW with warm-up. Exactly one of `steps` and `epochs` is above zero; `batch_size` counts sequences a step."""

    learning_rate: Ident[float] = Field(gt=0)
    steps: Ident[int] = Field(default=0, ge=0)
    epochs: Ident[float] = Field(default=0, ge=0)
    batch_size: Ident[int] = Field(default=16, ge=1)
    warmup: Ident[float] = Field(default=0.05, ge=0, lt=1)
    scheduler: Ident[Literal["cosine", "linear", "constant_with_warmup"]] = "cosine"
    weight_decay: Ident[float] = Field(default=0.0, ge=0)
    max_grad_norm: Ident[float] = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def one_length(self) -> Optimizer:
        if (self.steps > 0) == (self.epochs > 0):
            raise ValueError(f"steps is {self.steps} and epochs is {self.epochs}; exactly one must be above 0")
        return self


class Evaluation(Params):
    """Evaluation while training, and the choice of the best checkpoint by it.

    share: of the train products, by a seeded hash of the product, that are kept back for it; 0 is off. Products of the
    val split are never used: they are the system's test. every: steps between evaluations. patience: evaluations
    without a better one after which training stops; 0 never stops it.
    """

    share: Ident[float] = Field(default=0.0, ge=0, le=0.5)
    every: Ident[int] = Field(default=25, ge=1)
    patience: Ident[int] = Field(default=3, ge=0)


class Training(Params):
    """What every training step has.

    content_types: the ones it trains on; empty means all. precision: of the weights while training; merges are always
    in fp32, and cast last. retrain_after: share of training rows that may change before the model is trained again.
    """

    content_types: Ident[tuple[str, ...]] = PAID_ADS
    seed: Ident[int] = 17
    max_length: Ident[int] = Field(default=384, ge=16)
    precision: Ident[Literal["fp32", "bf16"]] = "fp32"
    retrain_after: Run[float] = Field(default=0.05, ge=0, le=1)
    machine: Run[Machine] = Machine()
