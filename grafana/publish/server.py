"""Somebody else's Grafana: its HTTP API through `grafana-api`, with every way it may refuse told in one line."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from grafana_api.grafana_face import GrafanaFace

from grafana.publish.errors import AbsentError, ConflictError, PublishError, UnreadableError
from ikm.show import shown

TIMEOUT_S: Final = 30.0
OLDEST: Final = 13
"""The first major version whose panels and schema (42) the boards are checked against."""
EDITABLE: Final = {"X-Disable-Provenance": "true"}
"""Header of a write after which people may go on changing the thing in Grafana's own pages."""
_CURES: Final[Mapping[int, str]] = {
    401: "the token is not known there (or has expired): make one for a service account and put it into the token file",
    403: "the token's service account may not do this: give it the role Admin of its organisation",
}


class Server:
    """One organisation of one Grafana.

    Every method raises `PublishError`: AbsentError for 404, UnreadableError for 406, ConflictError for 409 and 412.
    """

    def __init__(self, url: str, token: str, *, timeout_s: float = TIMEOUT_S) -> None:
        """Wire the client; nothing is sent yet.

        Args:
            url: Grafana's own address, e.g. https://grafana.example.go.id/sub/path.
            token: of a service account; it is never shown.
            timeout_s: how long one answer may take.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise PublishError(f"--url is {shown(url)}: give Grafana's own address, e.g. https://grafana.example.go.id")
        if parts.username or parts.password:
            raise PublishError("--url holds a user or password: leave them out, the token file says who is asking")
        self._url = url.rstrip("/")
        prefix = parts.path.strip("/")
        self.face = GrafanaFace(
            auth=token,
            host=f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname,
            port=_port(parts.netloc, url),
            url_path_prefix=f"{prefix}/" if prefix else "",
            protocol=parts.scheme,
            timeout=timeout_s,
        )
        self._timeout_s = timeout_s
        self.face.api.s.hooks["response"].append(self._judge)

    def check(self) -> str:
        """Its version, e.g. 13.0.1; '' where it keeps it to itself. Refuses one that is too old for the boards."""
        health = self.get("/health")
        if not isinstance(health, dict) or not {"database", "version"} & health.keys():
            raise PublishError(f"{self._url}/api/health is not Grafana's: --url must be Grafana's own address")
        version = str(health.get("version", ""))
        found = re.match(r"\d+", version)
        if found and int(found[0]) < OLDEST:
            raise PublishError(
                f"{self._url} is Grafana {version}, and the boards need {OLDEST} or later: they would show wrong "
                "colours there; update Grafana"
            )
        return version

    def get(self, path: str) -> Any:
        """The JSON below /api."""
        return self._call("GET", path)

    def find(self, path: str) -> Any | None:
        """The JSON below /api, None where there is none."""
        try:
            return self._call("GET", path)
        except AbsentError:
            return None

    def post(self, path: str, body: object) -> Any:
        """Create."""
        return self._call("POST", path, body)

    def put(self, path: str, body: object, *, editable: bool = False) -> Any:
        """Replace; `editable` as in EDITABLE."""
        return self._call("PUT", path, body, EDITABLE if editable else None)

    def _call(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Any:
        where = f"{method} {self._url}/api{path}"
        try:
            return getattr(self.face.api, method)(path, json=body, headers=headers)
        except requests.exceptions.SSLError as error:
            raise PublishError(
                f"{where}: TLS fails ({_reason(error)}): is it https there? Name the certificates of an authority of "
                "your own with REQUESTS_CA_BUNDLE"
            ) from error
        except requests.exceptions.Timeout as error:
            raise PublishError(
                f"{where}: no answer within {self._timeout_s:g} s: is it reachable from here, and not overloaded?"
            ) from error
        except (requests.exceptions.ConnectionError, requests.exceptions.InvalidURL) as error:
            raise PublishError(f"{where}: not to be reached ({_reason(error)}): is --url right?") from error
        except (ValueError, TypeError) as error:
            raise PublishError(
                f"{where}: the answer is not JSON, so this is not Grafana's API: is --url right?"
            ) from error

    def _judge(self, answer: requests.Response, **_: object) -> None:
        """Raise before the client reads an answer that is none, or follows it elsewhere.

        A followed redirect would turn a POST into a GET: nothing would be written, and all would look well.
        """
        request = answer.request
        where = f"{request.method} {request.url}"
        if answer.is_redirect:
            raise PublishError(f"{where} is redirected to {shown(answer.headers['location'])}: give that --url")
        if answer.ok:
            return
        said = f"{where} answers {answer.status_code}: {_message(answer)}"
        if answer.status_code == requests.codes.not_found:
            raise AbsentError(f"{said}: is --url Grafana's own address?")
        if answer.status_code == requests.codes.not_acceptable:
            raise UnreadableError(said)
        if answer.status_code in {requests.codes.conflict, requests.codes.precondition_failed}:
            raise ConflictError(said)
        cure = _CURES.get(answer.status_code)
        raise PublishError(f"{said}; {cure}" if cure else said)


def _port(netloc: str, url: str) -> int | None:
    try:
        return urlsplit(f"//{netloc}").port
    except ValueError as error:
        raise PublishError(f"--url is {shown(url)}: its port is not one") from error


def _message(answer: requests.Response) -> str:
    """What Grafana says, without what a proxy's page would add."""
    try:
        body = answer.json()
    except ValueError:
        return shown(answer.text.strip()) if answer.text.strip() else "nothing more"
    if isinstance(body, dict):
        return str(body.get("message") or body.get("error") or body)[:500]
    return shown(body)


def _reason(error: Exception) -> str:
    """The innermost cause of a chain of wrapped ones, in one line."""
    inner: object = error
    while isinstance(inner, BaseException):
        deeper = getattr(inner, "reason", None) or next((arg for arg in inner.args if isinstance(arg, Exception)), None)
        if deeper is None:
            break
        inner = deeper
    return " ".join(str(inner).split())[:200]
