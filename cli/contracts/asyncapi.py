"""The AsyncAPI 3.0 document: every topic with its configuration, its records, and who may write."""

from importlib.metadata import version
from typing import Any

from cli.contracts.messages import CHANNELS, Channel, Message
from runtime.topics import TOPICS, Topic

_BINDING = "0.5.0"
_DIALECT = "application/schema+json;version=draft-2020-12"


def document() -> dict[str, Any]:
    """The document; payloads refer to `schemas/`.

    Raises:
        KeyError: a topic has no entry in `cli.contracts.messages`.
    """
    messages = {message.name: message for channel in CHANNELS.values() for message in channel.messages}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "IKM",
            "version": version("ikm"),
            "description": "The topics of the live index of public satisfaction. Times are RFC 3339.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic, CHANNELS[topic.name]) for topic in TOPICS},
        "operations": {
            f"{action}-{topic.name}": _operation(action, topic.name)
            for topic in TOPICS
            for action in (("receive", "send") if CHANNELS[topic.name].is_open else ("send",))
        },
        "components": {"messages": {name: _message(message) for name, message in messages.items()}},
    }


def _channel(topic: Topic, channel: Channel) -> dict[str, Any]:
    return {
        "address": topic.name,
        "summary": channel.summary,
        "messages": {message.name: {"$ref": f"#/components/messages/{message.name}"} for message in channel.messages},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {key: _configured(key, value) for key, value in topic.config.items()},
                "bindingVersion": _BINDING,
            }
        },
    }


def _configured(key: str, value: str) -> Any:
    if key == "cleanup.policy":
        return value.split(",")
    return int(value) if value.lstrip("-").isdigit() else float(value)


def _operation(action: str, topic: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{topic}"}}


def _message(message: Message) -> dict[str, Any]:
    payload = (
        {"contentType": "application/octet-stream"}
        if message.payload is None
        else {"payload": {"schemaFormat": _DIALECT, "schema": {"$ref": f"./schemas/{message.name}.json"}}}
    )
    key = {} if message.key is None else {"key": message.key}
    return {
        "name": message.name,
        "summary": message.summary,
        "headers": message.headers,
        **payload,
        "bindings": {"kafka": {**key, "bindingVersion": _BINDING}},
    }
