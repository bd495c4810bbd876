import pytest

from ikm.errors import MEANINGS, Code, Fault, Refused

PUBLISHED = [
    "malformed_json",
    "missing_field",
    "unknown_field",
    "wrong_type",
    "invalid_name",
    "out_of_scale",
    "unknown_item",
    "no_answer",
    "unknown_unit",
    "unknown_service",
    "unknown_questionnaire",
    "time_without_offset",
    "time_out_of_range",
    "not_supported_yet",
    "source_not_yours",
    "contradiction",
    "too_large",
    "missing_header",
    "unknown_type",
    "key_mismatch",
    "wrong_partition",
    "tombstone",
]


def test_the_published_codes_are_all_there_and_each_has_a_meaning():
    assert set(PUBLISHED) <= {code.value for code in Code}
    assert set(MEANINGS) == set(Code)


def test_a_refusal_says_all_its_faults_and_needs_one():
    refused = Refused([Fault("a", Code.WRONG_TYPE, "a is wrong."), Fault("b", Code.WRONG_TYPE, "b is too.")])
    assert str(refused) == "a is wrong.; b is too."
    with pytest.raises(ValueError, match="at least one"):
        Refused([])
