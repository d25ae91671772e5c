"""Settings that must stand in the environment before Prefect is imported; a value that is set already wins."""

from __future__ import annotations

import json
import os
from pathlib import Path

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # On SQLite, 20 rows a transaction cost 7.5 ms a task run; 200 do not.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_CLI_PROMPT": "false",
    # Two shared cores: threads that spin while they wait make each training step four times slower.
    "OMP_WAIT_POLICY": "PASSIVE",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def configure(home: Path) -> None:
    """Point Prefect at the home's own database, or at the server that `copymill serve` runs for this home."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    folder = prefect_folder(home)
    folder.mkdir(parents=True, exist_ok=True)  # Prefect makes only the last folder of its home itself
    os.environ.setdefault("PREFECT_HOME", str(folder))
    url = running_server(home)
    if url:
        os.environ.setdefault("PREFECT_API_URL", url)


def prefect_folder(home: Path) -> Path:
    return (home / "artifacts" / "prefect").resolve()


def server_file(home: Path) -> Path:
    """Where `serve` writes the address of the home's server while it is up."""
    return prefect_folder(home) / "server.json"


def running_server(home: Path) -> str | None:
    """Return the API address of the home's server if its process lives."""
    file = server_file(home)
    if not file.exists():
        return None
    noted = json.loads(file.read_text(encoding="utf-8"))
    try:
        os.kill(noted["pid"], 0)
    except ProcessLookupError:
        return None
    return str(noted["api"])
