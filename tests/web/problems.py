from typing import Any

import httpx

MEMBERS = {"type", "title", "status", "detail", "code", "errors"}


def problem(reply: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Assert that a reply is a problem of that status and code, and give its body."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = reply.json()
    assert set(body) == MEMBERS
    assert (body["status"], body["code"]) == (status, code), body
    return body
