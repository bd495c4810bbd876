"""One process that the supervisor keeps alive."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runtime.local.leash import leashed

STEADY_S = 5.0
"""A child that lived this long starts again at once when it ends; one that did not waits longer each time."""
LONGEST_WAIT_S = 5.0
LOG_LIMIT = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: a name, a command, its whole environment, where its output goes.

    `first_only` is added to the environment of the first start and of no other: a crash point that is armed once.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log_file: Path
    first_only: Mapping[str, str] = field(default_factory=dict)


class Child:
    """A program with its process, its failures in a row and the time of its next start."""

    def __init__(self, program: Program, inherited: int) -> None:
        """Nothing is started yet; `inherited` is the file descriptor by which its life is known."""
        self.program = program
        self.failures = 0
        self.due = 0.0
        self._inherited = inherited
        self._first_only = dict(program.first_only)
        self._started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process, 0 before the first start."""
        return self._process.pid if self._process else 0

    @property
    def running(self) -> bool:
        """True until it has ended; a process that is merely stopped runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Run it in a session of its own (a terminal's Ctrl-C is for the supervisor), on the supervisor's leash."""
        _rotate(self.program.log_file)
        with self.program.log_file.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603  our own programs
                leashed(self.program.command),
                env={**self.program.environment, **self._first_only},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(self._inherited,),
                start_new_session=True,
            )
        self._first_only = {}
        self._started = time.monotonic()

    def ended(self) -> int | None:
        """The status with which it ended (once per end), None while it runs or waits to be started."""
        if self._process is None or self.due or (status := self._process.poll()) is None:
            return None
        self.failures = 0 if time.monotonic() - self._started > STEADY_S else self.failures + 1
        self.due = time.monotonic() + (min(0.25 * 2**self.failures, LONGEST_WAIT_S) if self.failures else 0.05)
        return status

    def restart_if_due(self) -> bool:
        """Start it again when its wait is over; True when that happened."""
        if not self.due or time.monotonic() < self.due:
            return False
        self.due = 0.0
        self.start()
        return True

    def signal(self, number: signal.Signals) -> None:
        """Send a signal if it still runs."""
        if self.running:
            os.kill(self.pid, number)

    def reap(self) -> None:
        """Wait for its end, once it has been killed."""
        if self._process is not None:
            self._process.wait()

    def last_words(self) -> str:
        """The last line of its output."""
        if not self.program.log_file.exists():
            return "no output"
        lines = self.program.log_file.read_bytes()[-4096:].decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "no output"


def _rotate(log_file: Path) -> None:
    if log_file.exists() and log_file.stat().st_size > LOG_LIMIT:
        log_file.replace(log_file.with_suffix(".log.1"))
