"""The schema of a response and the rules that decide about it say the same."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ikm.errors import Refused
from ikm.events import Response, Withdrawal, parse_response, parse_withdrawal
from ikm.meaning import CHANNELS
from ikm.profile import PROFILE
from ikm.questionnaire import QUESTIONNAIRES
from runtime.schemas import schema_of
from tests.rules.samples import RECEIVED_MS, body

RESPONSE = Draft202012Validator(schema_of(Response))
WITHDRAWAL = Draft202012Validator(schema_of(Withdrawal))
ITEMS = sorted({code for form in QUESTIONNAIRES.values() for code in form.by_code} | {"parkir", ""})
SCORES = st.one_of(st.none(), st.integers(0, 7), st.sampled_from([True, "4", 2.5, []]))
JUNK = st.one_of(st.none(), st.booleans(), st.integers(-1, 70_000), st.text(max_size=3), st.just([]), st.just({}))
NAMES = st.sampled_from(["skm", "skm@1", "skm@2", "ipkp", "ipak@1", "lengkap", "lengkap@", "spbe", "", None, 1])


@st.composite
def answers(draw: st.DrawFn) -> Any:
    """Mostly those of one form, so that enough of them are good."""
    form = draw(st.sampled_from([*QUESTIONNAIRES.values()]))
    good = {code: st.sampled_from([None, *item.levels]) for code, item in form.by_code.items()}
    found = draw(st.fixed_dictionaries({}, optional=good))
    if draw(st.booleans()):
        found |= draw(st.dictionaries(st.sampled_from(form.items).map(lambda item: item.code), SCORES, max_size=2))
        found |= draw(st.dictionaries(st.sampled_from(ITEMS), SCORES, max_size=1))
    name = draw(st.one_of(st.just(form.name), st.just(form.name), st.just(...), NAMES))
    return {"answers": found, "questionnaire": name}


PROFILES = st.one_of(
    st.none(),
    st.dictionaries(
        st.sampled_from([*PROFILE, "agama"]),
        st.sampled_from([*(spelling for known in PROFILE.values() for spelling in known), "lain", 1]),
        max_size=2,
    ),
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "channel": st.one_of(st.sampled_from([*sorted(CHANNELS), None, "fax"])),
        "respondent": PROFILES,
        "revision": st.sampled_from([1, 2, 65_535, 65_536, 0, "1"]),
        "service": st.sampled_from(["ktp", None, "", "a b"]),
        "submitted_at": st.sampled_from(
            ["2026-11-23T10:04:05+07:00", "2026-11-23t03:04:05.1z", "2026-11-23 03:04:05Z", "2026-11-23T03:04:05", 5]
        ),
        "unit": st.sampled_from(["loket-1", "Loket", "", 7]),
        "id": st.sampled_from(["r:1", "", "a" * 129]),
    },
)
GONE = st.sampled_from(["unit", "id", "source", "answers", "submitted_at", "revision", "nik"])


def is_taken(parse: Any, raw: bytes, **more: Any) -> bool:
    try:
        parse(raw, **more)
    except Refused:
        return False
    return True


@settings(max_examples=1_500, deadline=None)
@given(answers(), CHANGES, st.one_of(st.just({}), st.dictionaries(GONE, JUNK, max_size=1)), st.booleans())
def test_the_schema_takes_what_the_rules_take(found: Any, change: Any, junk: Any, drop: bool) -> None:
    value = body(**found, **change) | junk
    if drop:
        for name in junk:
            del value[name]
    raw = json.dumps(value).encode()
    assert RESPONSE.is_valid(value) == is_taken(parse_response, raw, received_ms=RECEIVED_MS), value


@given(st.dictionaries(st.sampled_from(["unit", "source", "id", "x"]), st.sampled_from(["a", "A", "", 1, None])))
def test_the_schema_of_a_withdrawal_too(value: Any) -> None:
    assert WITHDRAWAL.is_valid(value) == is_taken(parse_withdrawal, json.dumps(value).encode())
