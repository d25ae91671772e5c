"""The texts most like a text: exact overlap of character 3-grams, as the near-duplicates' threshold uses it.

MinHash bands find what is nearly the same; here the nearest may share a third, so every overlap is counted, as one
product of sparse matrices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasks.datasets.near_duplicates import NearDuplicate, character_grams

AT_ONCE = 256  # texts compared in one product of matrices: bounds the dense block that it makes


def nearest_texts(texts: Mapping[str, str], others: Mapping[str, str], count: int) -> dict[str, list[NearDuplicate]]:
    """Return, for each text, the `count` others that overlap most, most first; equals in the order of their ids.

    overlap: the share of 3-grams that both have (Jaccard, 0 to 1); others without any in common are left out.
    """
    import numpy as np

    names, other_names = sorted(texts), sorted(others)
    if not names or not other_names:
        return {name: [] for name in names}
    places: dict[str, int] = {}
    there = gram_matrix([others[name] for name in other_names], places, grow=True)
    sizes = np.array([len(character_grams(others[name])) for name in other_names])
    found: dict[str, list[NearDuplicate]] = {}
    for start in range(0, len(names), AT_ONCE):
        block = names[start : start + AT_ONCE]
        shared = (gram_matrix([texts[name] for name in block], places, grow=False) @ there.T).toarray()
        for name, row in zip(block, shared, strict=True):
            overlaps = row / (len(character_grams(texts[name])) + sizes - row)
            best = np.argsort(-overlaps, kind="stable")[:count]
            found[name] = [
                NearDuplicate(name, other_names[place], round(float(overlaps[place]), 4))
                for place in best
                if overlaps[place] > 0
            ]
    return found


def gram_matrix(texts: list[str], places: dict[str, int], grow: bool) -> Any:
    """Return texts × 3-grams, 1 where a text has one. grow: give new grams a place; else they are left out."""
    import numpy as np
    from scipy.sparse import csr_matrix

    rows: list[int] = []
    columns: list[int] = []
    for number, text in enumerate(texts):
        for gram in character_grams(text):
            place = places.setdefault(gram, len(places)) if grow else places.get(gram)
            if place is not None:
                rows.append(number)
                columns.append(place)
    return csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(len(texts), len(places)))
