"""Helpers to wait for what a process does, and a supervisor of two small children to run in a process of its own."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

from runtime.local.child import Program
from runtime.local.datadir import DataDir, Endpoints
from runtime.local.errors import StartError, StoppedError
from runtime.local.supervisor import Supervisor

T = TypeVar("T")


def eventually(look: Callable[[], T], what: str, timeout_s: float = 60.0) -> T:
    """What `look` returns once it is true."""
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s:.0f} s: {what}")
        time.sleep(0.02)
    return found


def gone(pid: int) -> bool:
    """True when no such process runs (a zombie has ended)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def pids(root: Path) -> dict[str, int]:
    """The pids in endpoints.json, none while it is not there."""
    try:
        return dict(json.loads((root / "endpoints.json").read_text(encoding="utf-8"))["pids"])
    except FileNotFoundError:
        return {}


STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
CRASHING = """
import os, time
print("armed", bool(os.environ["FUSE"]), flush=True)
if os.environ["FUSE"]:
    os._exit(7)
time.sleep(600)
"""


def supervise(root: Path) -> None:
    """A supervisor of `stubborn` (ignores SIGTERM) and `crashing` (ends once) over a data directory."""
    home = DataDir(root)
    home.prepare()
    try:
        with home.claim() as inherited:

            def publish() -> None:
                names = ("stubborn", "crashing")
                home.write_endpoints(Endpoints("", "", {name: supervisor.pid(name) for name in names}))

            supervisor = Supervisor(root, inherited, lambda line: print(line, flush=True), publish)  # noqa: T201
            supervisor.listen()
            try:
                run(supervisor, home)
                publish()
                supervisor.watch()
            finally:
                supervisor.stop()
    except StoppedError:
        sys.exit(0)
    except StartError as error:
        sys.exit(str(error))


def run(supervisor: Supervisor, home: DataDir) -> None:
    python = [sys.executable, "-u", "-c"]
    empty = {"FUSE": ""}
    supervisor.add(Program("stubborn", [*python, STUBBORN], empty, home.log_file("stubborn")))
    supervisor.add(Program("crashing", [*python, CRASHING], empty, home.log_file("crashing"), {"FUSE": "yes"}))
    supervisor.until(lambda: "up" in home.log_file("stubborn").read_text(encoding="utf-8"), "stubborn")
    supervisor.starting = False


if __name__ == "__main__":
    supervise(Path(sys.argv[1]))
