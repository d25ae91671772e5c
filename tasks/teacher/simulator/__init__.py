"""The built-in simulated DeepSeek: a real HTTP server in a process of its own, for demos, tests and outsiders.

It stands in for the network and for a writer of middling care: what it answers depends on the request's body, its
sample header and the seed alone. It learns nothing and knows no brand; it says what it is in every answer.
"""

from tasks.teacher.simulator.knobs import Knobs
from tasks.teacher.simulator.process import SimulatorProcess

__all__ = ["Knobs", "SimulatorProcess"]
