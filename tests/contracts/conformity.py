"""Holds records against the contracts."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from cli.contracts.messages import CHANNELS, Message


def message_of(topic: str, record: Any) -> Message:
    """The kind of record that this is, by its key and its type; exactly one."""
    key = None if record.key is None else record.key.decode()
    kind = dict(record.headers).get("ce_type", b"").decode()
    fitting = [
        message
        for message in CHANNELS[topic].messages
        if _fits(message.key, key) and message.headers["properties"].get("ce_type", {}).get("const", kind) == kind
    ]
    assert len(fitting) == 1, (topic, key, kind)
    return fitting[0]


def assert_conforms(topic: str, record: Any) -> str:
    """Key, headers and value are as the contract says; returns the name of its message."""
    message = message_of(topic, record)
    headers = {name: value.decode("utf-8", "replace") for name, value in reversed(record.headers)}
    _assert_valid(message.name, "headers", {n: v for n, v in headers.items() if n in message.headers["properties"]})
    if message.payload is not None:
        _assert_valid(message.name, "payload", json.loads(record.value))
    return message.name


def _fits(schema: dict[str, Any] | None, key: str | None) -> bool:
    return schema is None or Draft202012Validator(schema).is_valid(key)


def _assert_valid(name: str, part: str, value: Any) -> None:
    error = best_match(_validator(name, part).iter_errors(value))
    assert error is None, f"{name} {part}: {error.message} at {error.json_path} of {value}"


@cache
def _validator(name: str, part: str) -> Draft202012Validator:
    [schema, *_] = [
        getattr(message, part) for channel in CHANNELS.values() for message in channel.messages if message.name == name
    ]
    return Draft202012Validator(closed(schema))


def closed(schema: Any) -> Any:
    """The same schema without room for a field that it does not name: readers pass it over, writers must not."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: closed(part) for key, part in schema.items()}
    names_fields = schema.get("type") == "object" and "properties" in schema
    return {"additionalProperties": False, **parts} if names_fields else parts
