"""Starts children, starts again what ended, and stops all of them in time."""

import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from runtime.local.child import Child, Program
from runtime.local.errors import StartError, StoppedError

TICK_S = 0.1
GRACE_S = 2.0
"""How long children have to end in order before Kafka, which they still need, is told to."""
LIMIT_S = 3.5
"""After this, whoever is left is killed: the whole stop takes less than five seconds on a busy machine too."""
HOPELESS = 6
"""Failures in a row, during the start, after which there is no point in trying again."""
LEAST_FREE_BYTES = 32 * 2**20

Say = Callable[[str], None]


class Supervisor:
    """Children in the order of their start; they are stopped the other way round, the first one last.

    Args:
        root: the data directory, whose disk is watched when a child ends.
        inherited: the file descriptor that each child inherits.
        say: prints one line for the person at the terminal.
        changed: called after each restart.
    """

    def __init__(self, root: Path, inherited: int, say: Say, changed: Callable[[], None]) -> None:
        self._root = root
        self._inherited = inherited
        self._say = say
        self._changed = changed
        self._children: dict[str, Child] = {}
        self._stop_requests = 0
        self.starting = True

    def listen(self) -> None:
        """Take SIGTERM, SIGINT and SIGHUP as the request to stop; the second one stops at once."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requests += 1

    def check_stop(self) -> None:
        """Raises StoppedError: when somebody asked to stop."""
        if self._stop_requests:
            raise StoppedError

    def add(self, program: Program) -> None:
        """Start a program and keep it alive."""
        child = Child(program, self._inherited)
        child.start()
        self._children[program.name] = child

    def pid(self, name: str) -> int:
        """The process that a child is now."""
        return self._children[name].pid

    def until(self, ready: Callable[[], bool], what: str, patience_s: float = 15.0) -> None:
        """Keep the children alive until something is ready, saying what is waited for every `patience_s`.

        Raises:
            StoppedError: somebody asked to stop.
            StartError: a child ends again and again.
        """
        told = time.monotonic()
        while not ready():
            self.step()
            if time.monotonic() - told > patience_s:
                self._say(f"still waiting for {what}")
                told = time.monotonic()
            time.sleep(TICK_S)
        self.check_stop()

    def watch(self) -> None:
        """Keep the children alive until somebody asks to stop.

        Raises:
            StoppedError: somebody did.
            StartError: the disk is full.
        """
        while True:
            self.step()
            time.sleep(TICK_S)

    def step(self) -> None:
        """One look at every child."""
        self.check_stop()
        restarted = False
        for child in self._children.values():
            status = child.ended()
            if status is not None:
                self._consider(child, status)
            restarted |= child.restart_if_due()
        if restarted:
            self._changed()

    def _consider(self, child: Child, status: int) -> None:
        name = child.program.name
        free = shutil.disk_usage(self._root).free
        if free < LEAST_FREE_BYTES:
            raise StartError(
                f"the disk of {self._root} is full ({free // 2**20} MB free) and {name} ended: free some, start again"
            )
        if self.starting and child.failures >= HOPELESS:
            raise StartError(
                f"{name} ended {child.failures} times in a row: {child.last_words()} (see {child.program.log_file})"
            )
        wait = max(child.due - time.monotonic(), 0)
        self._say(f"{name} ended ({_cause(status)}), starting it again in {wait:.1f} s; see {child.program.log_file}")

    def stop(self) -> None:
        """End every child in order, within five seconds, by force where needed."""
        begun, asked = time.monotonic(), self._stop_requests
        children = list(self._children.values())
        for child in children[1:]:
            child.signal(signal.SIGTERM)
        self._wait(children[1:], begun + GRACE_S, asked)
        for child in children[:1]:
            child.signal(signal.SIGTERM)
        self._wait(children, begun + LIMIT_S, asked)
        for child in self._children.values():
            child.signal(signal.SIGKILL)
        for child in self._children.values():
            child.reap()

    def _wait(self, children: list[Child], deadline: float, asked: int) -> None:
        while any(child.running for child in children) and time.monotonic() < deadline:
            if self._stop_requests > max(asked, 1):
                return
            time.sleep(0.02)


def _cause(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
