"""When GRPO has broken its model or the model has gamed its reward: rules over what was logged, and the stop.

The step's log is cut into windows of some steps; the last window is held against the first one. A rise or a fall counts
only above some standard errors, since these figures are of sampled answers and are looked at often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from transformers import TrainerCallback

from tasks.lineage.errors import UserError
from tasks.training.config import Alarms, gates_among

LENGTH = "completions/mean_length"
REMEDIES = {
    "kl": "lower the learning rate, or raise beta",
    "entropy": "lower the learning rate, or raise group.temperature and beta",
    "gate": "reward that gate's opposite less, lower the learning rate, or look at what the reward model likes",
    "length": "look at what the reward model likes (its card: length), or weigh it less against the gates",
}


@dataclass(frozen=True)
class Alarm:
    """kind: a key of REMEDIES. found: what was seen, as a clause."""

    kind: str
    found: str


@dataclass(frozen=True)
class Change:
    """A logged figure's mean over the first and over the last window, and the standard error of their difference."""

    first: float
    last: float
    error: float

    def rose(self, errors: float) -> bool:
        return self.last - self.first > errors * self.error

    def fell(self, errors: float, least: float) -> bool:
        return self.first - self.last > max(errors * self.error, least)


def alarm_at(history: Sequence[Mapping[str, Any]], rules: Alarms, weights: Mapping[str, float]) -> Alarm | None:
    """Return what is wrong after these log entries, None where nothing is or it is too early to say.

    Args:
        history: the trainer's log, one entry a step; entries without a reward (evaluations) are passed over.
        weights: of each part of the reward; gates of weight 0 are the ones that tell the truth.
    """
    steps = [entry for entry in history if "reward" in entry]
    if len(steps) < 2 * rules.window:
        return None
    kl, entropy = change(steps, "kl", rules.window), change(steps, "entropy", rules.window)
    if kl and kl.last > rules.kl:
        return Alarm("kl", f"the KL from the SFT model ran to {kl.last:.2f} nats a token")
    if entropy and entropy.last < rules.entropy * entropy.first:
        return Alarm("entropy", f"the entropy of its answers fell from {entropy.first:.2f} to {entropy.last:.2f}")
    reward = change(steps, "reward", rules.window)
    if reward is None or not reward.rose(rules.errors):
        return None
    rise = f"the reward rose from {reward.first:.2f} to {reward.last:.2f} while"
    return fallen_gate(steps, rules, weights, rise) or drifted_length(steps, rules, weights, rise)


def fallen_gate(
    steps: Sequence[Mapping[str, Any]], rules: Alarms, weights: Mapping[str, float], rise: str
) -> Alarm | None:
    """Return an alarm where a gate that is never rewarded fell."""
    for gate in (gate for gate in gates_among(weights) if not weights[gate]):
        found = change(steps, f"rewards/{gate}/mean", rules.window)
        if found and found.fell(rules.errors, rules.fall):
            return Alarm(
                "gate", f"{rise} the gate {gate}, never rewarded, fell from {found.first:.2f} to {found.last:.2f}"
            )
    return None


def drifted_length(
    steps: Sequence[Mapping[str, Any]], rules: Alarms, weights: Mapping[str, float], rise: str
) -> Alarm | None:
    """Return an alarm where the answers' length drifted and no more gates are passed for it."""
    length = change(steps, LENGTH, rules.window)
    kinds = gates_among(weights)
    passed = change([entry | {"gates": gate_mean(entry, kinds)} for entry in map(dict, steps)], "gates", rules.window)
    if length is None or abs(length.last / length.first - 1) <= rules.length or (passed and passed.rose(rules.errors)):
        return None
    found = f"the answers went from {length.first:.0f} to {length.last:.0f} tokens and pass no more gates"
    return Alarm("length", f"{rise} {found}")


def gate_mean(entry: Mapping[str, Any], kinds: Sequence[str]) -> float:
    """Return the mean share of gates that the answers of a step pass."""
    return fmean(entry.get(f"rewards/{gate}/mean", 1.0) for gate in kinds)


def change(steps: Sequence[Mapping[str, Any]], name: str, window: int) -> Change | None:
    """Return a figure's change from the first window to the last, None where it was not logged throughout."""
    values = [float(entry[name]) for entry in steps if name in entry]
    if len(values) < 2 * window:
        return None
    first, last = values[:window], values[-window:]
    error = ((stdev(first) ** 2 + stdev(last) ** 2) / window) ** 0.5
    return Change(fmean(first), fmean(last), error)


class Watch(TrainerCallback):
    """Looks at the log after every window of steps; keeps the alarms, or ends the training with the first one."""

    def __init__(self, rules: Alarms, weights: Mapping[str, float]) -> None:
        self.rules, self.weights = rules, weights
        self.found: list[str] = []

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Judge the log so far.

        Raises:
            UserError: an alarm, where alarms stop the run.
        """
        if "reward" not in (logs or {}) or state.global_step % self.rules.window:
            return
        alarm = alarm_at(state.log_history, self.rules, self.weights)
        if alarm is None:
            return
        if self.rules.stop:
            todo = f"{REMEDIES[alarm.kind]}; grpo_model.alarms says how lively this is"
            raise UserError(f"grpo_model, step {state.global_step}", alarm.found, "a healthy run", todo)
        self.found.append(f"step {state.global_step}: {alarm.found}")
