"""Parameters of the dataset steps."""

from __future__ import annotations

from tasks.lineage.params import Params


class DatasetParams(Params):
    """The datasets have no choices of their own: what is in them was decided by the copy, the pairs and the split."""
