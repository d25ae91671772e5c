"""One kitchen for the tests of this room."""

from __future__ import annotations

import pytest

from tests.recipes.writing import Kitchen, kitchen


@pytest.fixture(scope="session")
def humor(tmp_path_factory: pytest.TempPathFactory) -> Kitchen:
    return kitchen(tmp_path_factory.mktemp("humor"))
