"""Judging: what the systems answer, the gates on it, the judge's blind scores and duels, and what may be claimed.

Rules come before opinions: `verdicts` are checked by code and carry the verdict (`conclusion`); `scores` and `duels`
are a judge's preference and never enter it. Every figure is clustered by product (`statistics`).
"""
