"""Events for tests."""

import json
from typing import Any

RECEIVED_MS = 1_795_403_046_000  # 2026-11-23T03:04:06Z

ITEMS = ("persyaratan", "prosedur", "waktu", "biaya", "produk", "kompetensi", "perilaku", "sarana", "pengaduan")


def body(**changes: Any) -> dict[str, Any]:
    """A valid response as a JSON object, with changes; a change to `...` leaves the field out."""
    value: dict[str, Any] = {
        "id": "r-1",
        "source": "kiosk",
        "unit": "dukcapil",
        "submitted_at": "2026-11-23T10:04:05+07:00",
        "answers": dict.fromkeys(ITEMS, 3),
        "revision": 1,
        **changes,
    }
    return {key: item for key, item in value.items() if item is not ...}


def raw(**changes: Any) -> bytes:
    """The same as bytes."""
    return json.dumps(body(**changes)).encode()
