from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from cli.contracts.files import FOLDER
from cli.contracts.messages import CHANNELS
from ikm.errors import Code
from ikm.events import EventType
from ikm.wire import HEADERS
from runtime.topics import TOPICS

DOCUMENT: dict[str, Any] = yaml.safe_load((FOLDER / "asyncapi.yaml").read_text("utf-8"))
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for part in value.values():
            yield from references(part)
    if isinstance(value, list):
        for part in value:
            yield from references(part)


def test_every_topic_is_a_channel_with_its_configuration() -> None:
    assert set(CHANNELS) == {topic.name for topic in TOPICS}
    for topic in TOPICS:
        channel = DOCUMENT["channels"][topic.name]
        binding = channel["bindings"]["kafka"]
        assert channel["address"] == binding["topic"] == topic.name
        assert binding["partitions"] == topic.partitions
        said = binding["topicConfiguration"]
        assert {key: ",".join(v) if isinstance(v, list) else str(v) for key, v in said.items()} == topic.config
        assert channel["messages"]


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    for reference in found:
        if reference.startswith("./"):
            assert (FOLDER / reference).is_file(), reference
            continue
        target: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
    assert {reference for reference in found if reference.startswith("#/components/messages/")} == {
        f"#/components/messages/{name}" for name in MESSAGES
    }
    schemas = {f"./schemas/{file.name}" for file in (FOLDER / "schemas").iterdir()}
    assert {reference for reference in found if reference.startswith("./")} == schemas


def test_every_operation_is_of_a_channel_and_only_the_log_takes_in() -> None:
    operations = DOCUMENT["operations"].values()
    assert {operation["action"] for operation in operations} == {"send", "receive"}
    assert {o["channel"]["$ref"] for o in operations if o["action"] == "receive"} == {"#/channels/responses.v1"}
    assert {o["channel"]["$ref"] for o in operations} == {f"#/channels/{topic.name}" for topic in TOPICS}


def test_the_log_has_every_event_that_there_is() -> None:
    messages = [MESSAGES[name] for name in DOCUMENT["channels"]["responses.v1"]["messages"]]
    assert {message["headers"]["properties"]["ce_type"]["const"] for message in messages} == set(EventType)
    assert all(message["headers"]["required"] == list(HEADERS) for message in messages)


def test_a_rejected_record_says_one_of_the_published_codes() -> None:
    assert MESSAGES["rejected.v1"]["headers"]["properties"]["code"]["enum"] == [code.value for code in Code]


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        (message.name, schema)
        for channel in CHANNELS.values()
        for message in channel.messages
        for schema in (message.key, message.headers, message.payload)
        if schema is not None
    ],
)
def test_every_schema_is_one(name: str, schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
