"""Look at the product list, the brand and the prompts; tell Prefect's event bus what changed since the last look.

The last digests lie in the artifact store, so that an edit made while nobody watched is still seen.
"""

from __future__ import annotations

import json
from pathlib import Path

from prefect import flow, get_run_logger
from prefect.events import emit_event

from flows.job import Job
from flows.world import PROMPTS
from tasks.lineage.canonical import digest, file_digest
from tasks.lineage.files import write_text

# One event a kind of input; `dataset` is triggered by any of them.
EVENTS = {"products": "products.changed", "brand": "brand.changed", "prompts": "prompts.changed"}


def resource_of(home: Path) -> str:
    """Return the event resource of a home, so that two homes on one server do not wake each other."""
    return f"copymill.home.{digest(str(home.resolve()))[:16]}"


def input_digests(job: Job) -> dict[str, str]:
    """Return the digest of each watched input; a file that is missing just now has the digest of nothing."""
    products = job.products_path
    brand = [path for path in sorted(job.brand_path.rglob("*")) if path.is_file() and path != products]
    shared = job.brand_path.parent / "content_types.yaml"
    return {
        "products": file_digest(products) if products.is_file() else "",
        "brand": digest([[path.name, file_digest(path)] for path in [*brand, shared] if path.is_file()]),
        "prompts": digest(
            [file_digest(path) for path in sorted(PROMPTS.rglob("*")) if path.suffix in (".j2", ".yaml")]
        ),
    }


def changes_since_last_look(job: Job) -> list[str]:
    """Return which inputs changed since the last look, and remember this one; a first look finds nothing."""
    place = job.home_path / "artifacts" / "watch.json"
    before = json.loads(place.read_text(encoding="utf-8")) if place.exists() else None
    now = input_digests(job)
    if now != before:
        write_text(place, json.dumps(now, indent=1))
    return [] if before is None else [name for name, value in now.items() if before.get(name) != value]


@flow(name="watch", flow_run_name="watch the inputs")
def watch(job: Job = Job()) -> list[str]:  # noqa: B008 - Prefect makes the UI's form of this default
    """Emit `products.changed`, `brand.changed` or `prompts.changed` for what changed since the last look."""
    changed = changes_since_last_look(job)
    for name in changed:
        emit_event(event=EVENTS[name], resource={"prefect.resource.id": resource_of(job.home_path)})
        get_run_logger().info("%s changed: dataset will run", name)
    return changed
