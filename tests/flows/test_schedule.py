"""A scheduled run really fires: the guard of the pinned Prefect, FastAPI and SQLAlchemy (see constraints.txt)."""

from __future__ import annotations

import pytest

from tests.flows.serving import serving


@pytest.mark.timeout(400)  # a server, its database and a runner from nothing: a minute on two busy cores
def test_scheduled_watch_fires_and_ends(tmp_path):
    with serving(tmp_path) as api:
        run = api.wait_for_run("watch", "COMPLETED", seconds=300)
        assert run["auto_scheduled"]
        assert (tmp_path / "home" / "artifacts" / "watch.json").exists()
