"""The local broker's jars: fetched once with jgo, checked against jgo.lock.toml, kept in the cache."""

import errno
import fcntl
import hashlib
import os
import shutil
import ssl
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

LOCK_FILE = Path(__file__).parents[2] / "jgo.lock.toml"
FETCHERS = 4
SYSTEM_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")

Progress = Callable[[int, int], None]
"""Called with (jars there, jars wanted) after each fetched jar."""


class JarsError(Exception):
    """The jars are not to be had; the message is one line with the cure."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock: coordinates and the SHA-256 that the file must have."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def filename(self) -> str:
        """The file's name in the cache."""
        return f"{self.artifact}-{self.version}.jar"


def locked() -> list[Jar]:
    """The jars that jgo.lock.toml names, in the class path's order."""
    table = tomllib.loads(LOCK_FILE.read_text(encoding="utf-8"))
    return [Jar(row["groupId"], row["artifactId"], row["version"], row["sha256"]) for row in table["dependencies"]]


def class_path(cache_dir: Path, progress: Progress = lambda _there, _wanted: None) -> list[Path]:
    """The checked jars, fetching what is missing or damaged.

    Args:
        cache_dir: where ikm caches; the jars are in `jars` below it.
        progress: told of each fetched jar; never called when nothing is to be fetched.

    Raises:
        JarsError: no network, no space, or a fetched jar that is not the locked one.
    """
    jars, home = locked(), cache_dir / "jars"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _alone(home):
            missing = [jar for jar in jars if not _intact(home / jar.filename, jar)]
            if missing:
                _fetch(missing, home, lambda fetched: progress(len(jars) - len(missing) + fetched, len(jars)))
    except OSError as error:
        raise JarsError(_no_room(home, error)) from error
    return [home / jar.filename for jar in jars]


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Only one process at a time fills the cache."""
    with (home / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _intact(path: Path, jar: Jar) -> bool:
    return path.is_file() and sha256(path) == jar.sha256


def sha256(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _trust_the_machine() -> None:
    """Let the fetch trust whom this machine trusts (a firm's proxy, say), unless the environment says otherwise.

    What is fetched is held against the lock's SHA-256 in any case.
    """
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    known = (os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *SYSTEM_BUNDLES)
    found = next((path for path in known if path and Path(path).is_file()), None)
    if not named and found:
        os.environ["REQUESTS_CA_BUNDLE"] = found


def _fetch(missing: list[Jar], home: Path, progress: Callable[[int], None]) -> None:
    """Fetch with a few threads; `progress` is called ten times a second too, and may raise to give up."""
    from jgo.maven import MavenContext  # noqa: PLC0415  a second of imports, only for the first start

    _trust_the_machine()
    incoming = Path(tempfile.mkdtemp(prefix=".incoming-", dir=home))
    context = MavenContext(repo_cache=incoming, timeout=30)
    wanted: Queue[Jar] = Queue()
    done: Queue[Exception | None] = Queue()
    for jar in missing:
        wanted.put(jar)
    try:
        for _ in range(FETCHERS):
            # A daemon, so that giving up need not wait for a transfer that hangs.
            Thread(target=_fetch_all, args=(context, wanted, done, home), daemon=True).start()
        _count(done, len(missing), progress)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def _count(done: "Queue[Exception | None]", wanted: int, progress: Callable[[int], None]) -> None:
    fetched = 0
    while fetched < wanted:
        with suppress(Empty):
            failure = done.get(timeout=0.1)
            if failure is not None:
                raise failure
            fetched += 1
        progress(fetched)


def _fetch_all(context: Any, wanted: "Queue[Jar]", done: "Queue[Exception | None]", home: Path) -> None:
    """What one thread does; its failure is raised where the results are counted."""
    while True:
        try:
            jar = wanted.get_nowait()
        except Empty:
            return
        try:
            _fetch_one(context, jar, home)
        except Exception as failure:  # noqa: BLE001  handed over, not swallowed
            done.put(failure)
            return
        done.put(None)


def _fetch_one(context: Any, jar: Jar, home: Path) -> None:
    """Fetch beside the cache, check, and only then move in: a broken transfer leaves nothing."""
    path = _download(context, jar)
    found = sha256(path)
    if found != jar.sha256:
        raise JarsError(
            f"{jar.filename} has SHA-256 {found}, jgo.lock.toml says {jar.sha256}: what was fetched is not the locked "
            "jar; look at the proxy or mirror in between, then start again"
        )
    path.replace(home / jar.filename)


def _download(context: Any, jar: Jar) -> Path:
    from requests import RequestException  # noqa: PLC0415  comes with jgo

    try:
        project = context.project(jar.group, jar.artifact)
        return Path(project.at_version(jar.version).artifact().resolve())
    except (RequestException, RuntimeError) as error:
        raise JarsError(
            f"the local Kafka's jar {jar.filename} cannot be fetched ({type(error).__name__}): connect this machine to "
            f"the network for the first start (HTTPS_PROXY is honoured), or copy {home_hint(context)} from a machine "
            "that has started ikm once"
        ) from error


def home_hint(context: Any) -> str:
    """The jar directory that a download context fills, for messages."""
    return str(Path(context.repo_cache).parent)


def _no_room(home: Path, error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return (
            f"the disk of {home} is full: the local Kafka's jars need 50 MB; free some or set IKM_CACHE_DIR elsewhere"
        )
    return f"the jar cache {home} cannot be used ({error.strerror}): set IKM_CACHE_DIR to a directory you may write to"
