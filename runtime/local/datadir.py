"""The directory of one running system: who owns it, where its parts are, how others find it."""

import errno
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runtime.local.errors import StartError

NEEDED_BYTES = 256 * 2**20
"""Free space below which a start is refused: Kafka's first segments and the store's first parts."""
MISREAD = frozenset(",?#%$\\")
"""Characters that Kafka's settings or the store's address read as something else: data would land elsewhere."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What `endpoints.json` says: where the API and Kafka are, and the pids of supervisor, kafka, worker and api."""

    api: str
    kafka: str
    pids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DataDir:
    """Paths below one directory.

    `lock` is held by the supervisor alone and says that the directory is in use. `children.lock` is inherited by
    every child, so that it is free only when the last of them is gone, also after a supervisor that was killed.
    """

    root: Path

    @property
    def endpoints_file(self) -> Path:
        """Where a running system says how to reach it."""
        return self.root / "endpoints.json"

    def log_file(self, name: str) -> Path:
        """Where a child's output goes."""
        return self.root / "logs" / f"{name}.log"

    def prepare(self) -> None:
        """Make the directory and see that there is room.

        Raises:
            StartError: it cannot be made or written, its disk is full, or its name cannot be used.
        """
        misread = next((char for char in str(self.root) if char in MISREAD or not char.isprintable()), None)
        if misread:
            raise StartError(
                f"data directory {str(self.root)!r} has {misread!r} in its name, which Kafka or the store would "
                "misread: choose another with --data-dir"
            )
        with explained(self.root):
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.root / "logs").mkdir(exist_ok=True)
        free = shutil.disk_usage(self.root).free
        if free < NEEDED_BYTES:
            raise StartError(full_disk(self.root, free))

    @contextmanager
    def claim(self, patience_s: float = 10.0) -> Iterator[int]:
        """Own the directory; yields the file descriptor that children inherit.

        Args:
            patience_s: how long to wait for the last children of a supervisor that was killed.

        Raises:
            StartError: another supervisor owns it.
        """
        with explained(self.root):
            owner = (self.root / "lock").open("a+")
            heirs = (self.root / "children.lock").open("a+")
        with owner, heirs:
            if not _lock(owner.fileno(), 0):
                owner.seek(0)
                raise StartError(
                    f"data directory {self.root} is in use by `ikm up` with pid {owner.read().strip() or 'unknown'}: "
                    "stop that one, or choose another with --data-dir"
                )
            with explained(self.root):
                owner.truncate(0)
                owner.write(f"{os.getpid()}\n")
                owner.flush()
            if not _lock(heirs.fileno(), patience_s):
                raise StartError(
                    f"processes of an earlier `ikm up` still hold {self.root}: end them (their pids: "
                    f"`fuser {self.root / 'children.lock'}`), or choose another with --data-dir"
                )
            self.forget_endpoints()
            yield heirs.fileno()

    def write_endpoints(self, endpoints: Endpoints) -> None:
        """Replace `endpoints.json` in one step: a reader sees the old one or the new one, whole."""
        text = json.dumps({"api": endpoints.api, "kafka": endpoints.kafka, "pids": dict(endpoints.pids)})
        replace(self.endpoints_file, text + "\n")

    def forget_endpoints(self) -> None:
        """Say that nothing runs here."""
        self.endpoints_file.unlink(missing_ok=True)

    def read_endpoints(self) -> Endpoints:
        """How to reach the system that runs here.

        Raises:
            StartError: none runs here.
        """
        try:
            found = json.loads(self.endpoints_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise StartError(
                f"no running system in {self.root} (there is no {self.endpoints_file.name}): start it with "
                f"`ikm up --data-dir {self.root}`, or name the directory of a running one with --data-dir"
            ) from None
        return Endpoints(found["api"], found["kafka"], found["pids"])


def replace(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)


@contextmanager
def explained(root: Path) -> Iterator[None]:
    """Turn what the file system refuses into one line with the cure."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StartError(full_disk(root, 0)) from error
        raise StartError(
            f"data directory {root} cannot be used ({error.strerror}: {error.filename}): choose one that you may write "
            "to with --data-dir"
        ) from error


def full_disk(root: Path, free: int) -> str:
    """The one line for a disk without room."""
    return (
        f"the disk of {root} is full ({free // 2**20} MB free, {NEEDED_BYTES // 2**20} MB needed): free some, or "
        "choose a directory on another disk with --data-dir"
    )


def _lock(descriptor: int, patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        else:
            return True
