import hashlib
import json

import pytest

from ikm.canonical import canonical, digest
from ikm.events import parse_response

from .samples import ITEMS, RECEIVED_MS, raw

# The digests were computed with sha256sum.
GOLDEN = [
    (
        {},
        "1795403045000||skm||biaya=3,kompetensi=3,pengaduan=3,perilaku=3,persyaratan=3,produk=3,prosedur=3,sarana=3,waktu=3|",
        "719454bef91be13857805f00981f5102d313bfe9c42631a9ed7e6cdb9807837e",
    ),
    (
        {
            "service": "ktp-el",
            "channel": "qr",
            "submitted_at": "2026-11-22T20:19:05.6789-06:45",
            "answers": {"waktu": 4, "biaya": None, "persyaratan": 1},
            "respondent": {"usia": "20\N{EN DASH}29", "jenis_kelamin": "P"},
            "revision": 7,
        },
        "1795403045678|ktp-el|skm|qr|persyaratan=1,waktu=4|jenis_kelamin=P,usia=20\N{EN DASH}29",
        "d5419fc8498aa2c9249174e6e8678d8595bbf6e90219f2601e168b31573a1199",
    ),
]


@pytest.mark.parametrize(("changes", "text", "sha256"), GOLDEN)
def test_golden_vectors(changes, text, sha256):
    response = parse_response(raw(**changes), received_ms=RECEIVED_MS)
    assert canonical(response) == text.encode()
    assert digest(response).hex() == sha256
    assert digest(response) == hashlib.sha256(text.encode()).digest()


def test_only_the_content_counts():
    one = parse_response(raw(), received_ms=RECEIVED_MS)
    for same in (
        raw(revision=9, id="other", source="other", unit="other"),
        raw(answers=dict.fromkeys(reversed(ITEMS), 3), questionnaire="skm", service=None, respondent={}),
        raw(submitted_at="2026-11-23T03:04:05.0004Z"),
        json.dumps(json.loads(raw()), indent=3),
    ):
        assert digest(parse_response(same, received_ms=RECEIVED_MS)) == digest(one)
    for other in (raw(answers={"waktu": 3}), raw(channel="qr"), raw(submitted_at="2026-11-23T03:04:05.001Z")):
        assert digest(parse_response(other, received_ms=RECEIVED_MS)) != digest(one)
