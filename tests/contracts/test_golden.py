"""Records as they were written by the first release that wrote them: they mean the same for ever.

A file here is never changed. A new version of an event adds files; the log is kept for ever, so the old ones stay.
"""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ikm.canonical import canonical, digest
from ikm.entry import entry_of
from ikm.events import EventType, Response
from ikm.usual import entry_from
from ikm.wire import decode_record
from tests.contracts.conformity import assert_conforms

FILES = sorted((Path(__file__).parent / "golden").glob("*.json"))
GOLDEN = [pytest.param(json.loads(file.read_text("utf-8")), id=file.stem) for file in FILES]


def record_of(golden: dict[str, Any]) -> Any:
    given = golden["record"]
    return SimpleNamespace(
        key=given["key"].encode(),
        value=given["value"].encode(),
        headers=[(name, text.encode()) for name, text in given["headers"].items()],
        timestamp=given["timestamp_ms"],
        partition=given["partition"],
    )


@pytest.mark.parametrize("golden", GOLDEN)
def test_an_old_record_means_what_it_meant(golden: dict[str, Any]) -> None:
    record, partitions, says = record_of(golden), golden["record"]["partitions"], golden["says"]
    event = decode_record(record, partitions)
    if isinstance(event, Response):
        assert canonical(event).decode() == says["canonical"]
        assert digest(event).hex() == says["sha256"]
    else:
        assert says["canonical"] is None
    for entry in (entry_of(event), entry_from(record, partitions)):
        found = {"unit": entry.unit, "id_hash": entry.id_hash.hex(), "body": entry.body.hex()}
        assert found == says["entry"]


@pytest.mark.parametrize("golden", GOLDEN)
def test_an_old_record_fits_its_contract(golden: dict[str, Any]) -> None:
    kind = golden["record"]["headers"]["ce_type"]
    assert assert_conforms("responses.v1", record_of(golden)) == kind.removeprefix("id.ikm.")


def test_every_version_of_every_event_has_a_golden_file() -> None:
    kinds = {golden.values[0]["record"]["headers"]["ce_type"] for golden in GOLDEN}
    assert kinds == {kind.value for kind in EventType}
