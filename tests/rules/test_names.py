import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ikm import names

RULES = [
    (names.UnitCode, names.is_unit),
    (names.SourceName, names.is_source),
    (names.ResponseId, names.is_source),
    (names.ServiceCode, names.is_service),
]


@pytest.mark.parametrize(
    ("text", "unit", "source", "service"),
    [
        ("dukcapil-01", True, True, True),
        ("a" * 64, True, True, True),
        ("a" * 65, False, True, False),
        ("a" * 128, False, True, False),
        ("a" * 129, False, False, False),
        ("Loket.A_1", False, True, True),
        ("app:kiosk", False, True, False),
        ("", False, False, False),
        ("a\n", False, False, False),
        ("a\x00", False, False, False),
        ("a|b", False, False, False),
        ("a b", False, False, False),
        ("\N{GRINNING FACE}", False, False, False),
        ("٣", False, False, False),
    ],
)
def test_names(text, unit, source, service):
    assert (names.is_unit(text), names.is_source(text), names.is_service(text)) == (unit, source, service)


@given(st.sampled_from(RULES), st.text() | st.from_regex(names.SOURCE_PATTERN))
def test_the_model_and_the_function_agree(rule, text):
    annotation, function = rule
    try:
        TypeAdapter(annotation).validate_python(text)
        accepted = True
    except ValidationError:
        accepted = False
    assert function(text) is accepted
