"""Who is asking: API keys, the admin key and the login token of the pages."""

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
import stat
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from ikm.names import is_source
from ikm.times import rfc3339_ms

ADMIN_SOURCE = "admin"
COOKIE = "ikm_session"

T = TypeVar("T")


class UnknownKey(Exception):  # noqa: N818 - an outcome of a question, not an error of the program
    """An Authorization header that carries no key that is known here."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from.

    Attributes:
        source: in whose name it may write; None may not write.
        is_admin: may register units, write in any source's name and run what is under /v1/admin.
        is_member: sees everything; otherwise the public view.
    """

    source: str | None = None
    is_admin: bool = False
    is_member: bool = False


PUBLIC = Caller()
_ADMIN = Caller(ADMIN_SOURCE, is_admin=True, is_member=True)
_READER = Caller(is_member=True)


class KeyRing:
    """The keys that are known, read again whenever their files change."""

    def __init__(self, data_dir: Path, admin_key_file: Path) -> None:
        """Look at the keys of a data directory; none of the files needs to exist yet."""
        self._admin = _Watched(admin_key_file, _read_secret, "")
        self._login = _Watched(login_token_file(data_dir), _read_secret, "")
        self._sources: _Watched[dict[str, str]] = _Watched(keys_file(data_dir), _read_sources, {})

    def caller(self, authorization: str | None, cookie: str | None) -> Caller:
        """Who sends this Authorization header and this session cookie.

        Raises:
            UnknownKey: there is an Authorization header and its key is not known.
        """
        if authorization is not None:
            return self._of_header(authorization)
        login = self._login.value()
        if cookie and login and hmac.compare_digest(cookie.encode(), session_of(login).encode()):
            return _READER
        return PUBLIC

    def session(self, token: str) -> str | None:
        """The session cookie that a login token is exchanged for, or None when it is not the token."""
        login = self._login.value()
        is_right = bool(login) and hmac.compare_digest(token.encode(), login.encode())
        return session_of(login) if is_right else None

    def _of_header(self, authorization: str) -> Caller:
        scheme, _, key = authorization.partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise UnknownKey
        admin = self._admin.value()
        if admin and hmac.compare_digest(key.encode(), admin.encode()):
            return _ADMIN
        source = self._sources.value().get(_hash(key))
        if source is None:
            raise UnknownKey
        return Caller(source, is_member=True)


def keys_file(data_dir: Path) -> Path:
    """Where the hashes of the sources' keys are kept."""
    return data_dir / "keys.json"


def login_token_file(data_dir: Path) -> Path:
    """Where the token of the login link is kept, mode 0600."""
    return data_dir / "login.token"


def session_of(token: str) -> str:
    """The value of the cookie that stands for a login token."""
    return hmac.new(token.encode(), b"ikm session", hashlib.sha256).hexdigest()


def ensure_secret(path: Path) -> str:
    """The secret in a file; a new random one, mode 0600, when there is none."""
    if not path.exists() or not _read_secret(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, secrets.token_urlsafe(32) + "\n")
    return _read_secret(path)


def read_secret(path: Path, cure: str) -> str:
    """The secret in a file.

    Args:
        path: the file.
        cure: what to do when there is none.

    Raises:
        ValueError: it cannot be read, or holds nothing or several lines.
    """
    try:
        secret = _read_secret(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read ({getattr(error, 'strerror', None) or error}): {cure}") from error
    if not secret.isascii() or not secret.isprintable() or " " in secret or not secret:
        raise ValueError(f"{path} does not hold one secret on one line: {cure}")
    return secret


def exposed(path: Path) -> str:
    """What to tell of a secret's file that not only its owner may read; '' where only he may."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & (stat.S_IRWXG | stat.S_IRWXO):
        return ""
    return f"{path} has mode {mode:04o}, so others may read the secret in it: chmod 600 {path}"


def create_key(data_dir: Path, source: str) -> str:
    """Make a key for a source; only its SHA-256 is kept (the key itself is random, so nothing slower is needed).

    Args:
        data_dir: the data directory of the API that shall know the key.
        source: in whose name it writes.

    Returns:
        The key. It cannot be shown again.

    Raises:
        ValueError: the source's name is not one.
    """
    if not is_source(source):
        raise ValueError(f"source {source!r} is not a name: 1 to 128 of A-Z a-z 0-9 . _ : -")
    if source == ADMIN_SOURCE:
        raise ValueError(f"source {source!r} is the admin key's own: choose another name")
    key = "ikm_" + secrets.token_urlsafe(32)
    data_dir.mkdir(parents=True, exist_ok=True)
    path = keys_file(data_dir)
    with (data_dir / "keys.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        entries = _entries(path) if path.exists() else []
        entries.append({"source": source, "sha256": _hash(key), "created": rfc3339_ms(time.time_ns() // 1_000_000)})
        _replace(path, json.dumps({"keys": entries}, indent=2) + "\n")
    return key


class _Watched(Generic[T]):
    """A file's parsed content, parsed again when the file has changed."""

    def __init__(self, path: Path, parse: Callable[[Path], T], absent: T) -> None:
        self._path = path
        self._parse = parse
        self._absent = absent
        self._stamp: tuple[int, int, int] | None = None
        self._value = absent

    def value(self) -> T:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._value = None, self._absent
            return self._value
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if stamp != self._stamp:
            self._value = self._parse(self._path)
            self._stamp = stamp
        return self._value


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _read_secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def _read_sources(path: Path) -> dict[str, str]:
    return {entry["sha256"]: entry["source"] for entry in _entries(path)}


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["keys"]
        intact = all(is_source(entry["source"]) and re.fullmatch("[0-9a-f]{64}", entry["sha256"]) for entry in entries)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} is not a key file ({error!r}): restore it, or delete it and create the keys again"
        ) from error
    if not intact:
        raise ValueError(
            f"{path} holds an entry without a source or a SHA-256: restore it, or delete it and create the keys again"
        )
    return entries


def _replace(path: Path, text: str) -> None:
    """Write a file of mode 0600 that is whole at every moment."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
