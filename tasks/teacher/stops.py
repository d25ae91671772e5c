"""The sentences with which a run stops: what happened, what was expected, what to do; always resumable."""

from __future__ import annotations

from tasks.lineage.errors import StopRun, UserError
from tasks.teacher.call import ErrorKind
from tasks.teacher.config import TeacherConfig
from tasks.teacher.wire import WireFault

_RESUME = "then run the same command again: what was answered is kept and not bought twice"


def stop_for(fault: WireFault, config: TeacherConfig) -> StopRun:
    """Return the sentence for a fault that no other call of this run can escape."""
    subject = f"teacher {config.provider}"
    if fault.kind is ErrorKind.BALANCE:
        return StopRun(subject, f"no balance left ({fault.message})", "a funded account", f"top it up, {_RESUME}")
    if fault.kind is ErrorKind.AUTH:
        key = f"the key in {config.key_env}" if config.key_env else "a request without a key"
        return StopRun(subject, f"it refused {key} ({fault.message})", "a valid key", f"set the right one, {_RESUME}")
    if fault.kind is ErrorKind.BAD_REQUEST:
        found = f"{config.base_url} refuses what it is asked ({fault.message})"
        expected = f"a chat completions API that knows the models {', '.join(_model_names(config))}"
        return StopRun(subject, found, expected, f"mend base_url or the models in the config, {_RESUME}")
    found = f"{config.base_url} does not answer, after many requests and rests (last: {fault.message})"
    return StopRun(subject, found, "a server that answers", f"look at its status page or your network, {_RESUME}")


def too_dear(limit: float | None, spent: float, dearest: float) -> StopRun:
    """Return the sentence for a budget in which the next call has no room (USD)."""
    found = f"{spent:.4f} USD are spent and the next call may cost up to {dearest:.4f}"
    return StopRun(_budget(limit), found, "room for the next call", f"raise the budget, {_RESUME}")


def price_unknown(limit: float | None, model: str) -> StopRun:
    """Return the sentence for a budget that cannot be kept, since a price is missing."""
    found = f"no price of {model} is known for today"
    return StopRun(_budget(limit), found, "a price for every model asked", "add it to the provider's prices")


def again(error: UserError) -> UserError:
    """Return the same sentence as a new exception, so that each waiter has a traceback of its own."""
    return type(error)(error.subject, error.found, error.expected, error.todo)


def _budget(limit: float | None) -> str:
    return f"budget of {limit:g} USD" if limit is not None else "budget"


def _model_names(config: TeacherConfig) -> list[str]:
    return sorted({config.models.writer, config.models.weak, config.models.judge})
