"""Events for property tests: few units, ids, hours and revisions, so that everything collides with everything."""

from typing import Any

from hypothesis import strategies as st

from ikm.events import Event, Response, Withdrawal
from ikm.questionnaire import DEFAULT_FORM, QUESTIONNAIRES

NOW_MS = 1_763_900_000_000
UNITS = ("unit-a", "unit-b")

_minutes_ago = st.one_of(st.integers(0, 130), st.integers(1_380, 1_500), st.integers(0, 60 * 24 * 40))


@st.composite
def _answers(draw: st.DrawFn) -> dict[str, Any]:
    form = QUESTIONNAIRES[draw(st.sampled_from((DEFAULT_FORM, *QUESTIONNAIRES)))]
    items = draw(st.lists(st.sampled_from(form.items), min_size=1, unique=True))
    answers = {item.code: draw(st.none() | st.sampled_from(item.levels)) for item in items}
    answers[items[0].code] = draw(st.sampled_from(items[0].levels))
    return {"questionnaire": form.name, "answers": answers}


@st.composite
def responses(draw: st.DrawFn) -> Response:
    """A valid response from a small world."""
    return Response(
        id=draw(st.sampled_from("abcde")),
        source=draw(st.sampled_from(("qr", "kiosk"))),
        unit=draw(st.sampled_from(UNITS)),
        service=draw(st.sampled_from((None, "ktp", "kk"))),
        submitted_at=NOW_MS - 60_000 * draw(_minutes_ago),
        channel=draw(st.sampled_from((None, "qr", "wa"))),
        respondent=draw(st.sampled_from((None, {"jenis_kelamin": "P"}, {"usia": "20-29", "jenis_kelamin": "L"}))),
        **draw(_answers()),
        revision=draw(st.integers(1, 4)),
    )


withdrawals = st.builds(
    Withdrawal, unit=st.sampled_from(UNITS), source=st.sampled_from(("qr", "kiosk")), id=st.sampled_from("abcde")
)
events: st.SearchStrategy[Event] = st.one_of(responses(), responses(), responses(), withdrawals)
