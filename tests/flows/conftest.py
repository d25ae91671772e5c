"""One Prefect harness for all tests that need it, and one warm home that each test copies."""

from __future__ import annotations

import asyncio
import csv
import os
import shutil
from pathlib import Path

import pytest

from flows.job import DEFAULT_BRAND, Job
from flows.settings import QUIET

PRODUCTS = 5


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory):
    """A real Prefect API on a database of its own, for the whole session."""
    os.environ.update(QUIET)
    os.environ.setdefault("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect")))
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


def first_rows(count: int) -> list[list[str]]:
    """Return the header and the first `count` products of the example brand."""
    with (DEFAULT_BRAND / "products.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[: count + 1]


def write_products(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


class Mill:
    """A folder with a brand, a product list and a home, and the main job over them up to `pairs`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.brand = folder / "brands" / DEFAULT_BRAND.name
        self.products = folder / "products.csv"

    def job(self, **changes) -> Job:
        given = {"brand": str(self.brand), "products": str(self.products), "home": str(self.folder / "home")}
        return Job(**{**given, "only": "pairs", **changes})

    def run(self, **changes) -> dict:
        from flows.pipeline import main_job

        return asyncio.run(main_job(self.job(**changes)))

    def plan(self, **changes) -> dict:
        from flows.looking import Outlook

        steps = Outlook(self.job(**changes)).as_dict()["steps"]
        return {step["step"]: step for step in steps}

    def rows(self, table: str) -> list[dict]:
        from flows.exporting import current_rows

        return current_rows(self.folder / "home", table)

    def made_files(self) -> dict[str, int]:
        """Return every record and part with its time of writing."""
        root = self.folder / "home" / "artifacts"
        files = [path for name in ("steps", "parts") for path in (root / name).rglob("*") if path.is_file()]
        return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in files}

    def requests(self) -> int:
        log = self.folder / "home" / "artifacts" / "simulator" / "requests.jsonl"
        return len(log.read_text(encoding="utf-8").splitlines()) if log.exists() else 0


@pytest.fixture(scope="session")
def made_mill(tmp_path_factory, prefect_server) -> Mill:
    """A mill that ran once: copied by the tests, never changed."""
    folder = tmp_path_factory.mktemp("mill")
    shutil.copytree(DEFAULT_BRAND.parent, folder / "brands")
    mill = Mill(folder)
    write_products(mill.products, first_rows(PRODUCTS))
    mill.summary = mill.run()
    return mill


@pytest.fixture
def mill(made_mill, tmp_path) -> Mill:
    """A copy of the warm mill that a test may edit."""
    shutil.copytree(made_mill.folder, tmp_path / "mill")
    copy = Mill(tmp_path / "mill")
    copy.summary = made_mill.summary
    return copy
