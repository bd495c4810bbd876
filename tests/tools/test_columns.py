import pytest

from ikm.questionnaire import QUESTIONNAIRES
from producers.columns import MappingError, parse_maps, parse_questionnaire, resolve

SKM = QUESTIONNAIRES["skm"]
NINE = tuple(f"u{order}" for order in range(1, 10))


def test_u1_to_u9_are_the_order_of_the_form() -> None:
    columns = resolve(("no", *NINE), {}, SKM, needs_time=False)
    assert list(columns.items.values()) == [item.code for item in SKM.items]
    assert (columns.items[8], columns.items[9]) == ("sarana", "pengaduan")
    assert columns.ignored == ("no",)
    assert "sarana" in columns.by_order


def test_codes_map_themselves_whatever_their_case() -> None:
    columns = resolve(("Waktu", "BIAYA", "submitted_at", "Service", "channel"), {}, SKM)
    assert columns.items == {0: "waktu", 1: "biaya"}
    assert columns.others == {"submitted_at": 2, "service": 3, "channel": 4}
    assert not columns.by_order


def test_a_map_wins_over_a_header() -> None:
    columns = resolve(NINE, {"u8": "pengaduan", "u9": "sarana"}, SKM, needs_time=False)
    assert (columns.items[7], columns.items[8]) == ("pengaduan", "sarana")
    assert "sarana" not in columns.by_order
    columns = resolve(("u3", "Kecepatan"), {"Kecepatan": "u3"}, SKM, needs_time=False)
    assert columns.items == {1: "waktu"}
    assert columns.ignored == ("u3",)


def test_with_a_period_a_time_column_is_not_used() -> None:
    assert resolve(("u1", "submitted_at"), {}, SKM, needs_time=False).ignored == ("submitted_at",)


@pytest.mark.parametrize(
    ("headers", "maps", "said"),
    [
        (("no", "nama", "submitted_at"), {}, "no column is an item.*--map"),
        (("u1", "u2"), {}, "submitted_at.*--period"),
        (("u1", "persyaratan", "submitted_at"), {}, "both mean persyaratan"),
        (("u1", "submitted_at"), {"Kecepatan": "waktu"}, "no column 'Kecepatan'; it has u1"),
        (("u1", "submitted_at"), {"u1": "kecepatan"}, "'kecepatan' is not an item"),
        (("u1", "Umum", "Umum", "submitted_at"), {"Umum": "waktu"}, "2 columns 'Umum'"),
    ],
)
def test_says_which_column_is_wrong_and_the_cure(headers: tuple[str, ...], maps: dict[str, str], said: str) -> None:
    with pytest.raises(MappingError, match=said):
        resolve(headers, maps, SKM)


def test_the_id_column_is_found_or_named_as_missing() -> None:
    assert resolve(("Nomor", "u1"), {}, SKM, id_column="nomor", needs_time=False).others == {"id": 0}
    with pytest.raises(MappingError, match="no column 'kode'"):
        resolve(("Nomor", "u1"), {}, SKM, id_column="kode", needs_time=False)


def test_reads_the_map_options() -> None:
    assert parse_maps(["Kecepatan = waktu", "a=b=biaya"]) == {"Kecepatan": "waktu", "a=b": "biaya"}
    for wrong in ("waktu", "=waktu", "Kecepatan="):
        with pytest.raises(MappingError, match="COLUMN=ITEM"):
            parse_maps([wrong])
    with pytest.raises(MappingError, match="twice"):
        parse_maps(["a=waktu", "a=biaya"])


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        (NINE, "skm"),
        (("waktu",), "skm"),
        (("ipkp.tarif", "IPKP.Waktu"), "ipkp"),
        (("ipak.pungli",), "ipak"),
        (("u3", "ipak.pungli"), "lengkap"),
        (("ipkp.tarif", "ipak.pungli"), "lengkap"),
    ],
)
def test_the_smallest_form_that_has_all_items(headers: tuple[str, ...], form: str) -> None:
    columns = resolve(headers, {}, needs_time=False)
    assert columns.questionnaire.name == form
    assert len(columns.items) == len(headers)


def test_a_form_that_is_named_has_its_own_items_only() -> None:
    headers = ("u1", "waktu", "ipkp.tarif")
    assert resolve(headers, {}, parse_questionnaire("ipkp"), needs_time=False).items == {2: "ipkp.tarif"}
    assert resolve(headers, {}, parse_questionnaire("skm"), needs_time=False).ignored == ("ipkp.tarif",)
    assert resolve(headers, {}, parse_questionnaire("lengkap"), needs_time=False).questionnaire.name == "lengkap"
    with pytest.raises(MappingError, match="'waktu' is not an item"):
        resolve(headers, {"u1": "waktu"}, parse_questionnaire("ipak"), needs_time=False)


def test_a_form_is_named_with_or_without_its_version() -> None:
    assert parse_questionnaire(None) is None
    assert parse_questionnaire("skm@1") is parse_questionnaire("skm") is SKM
    for unknown in ("spbe", "skm@9", ""):
        with pytest.raises(MappingError, match="lengkap"):
            parse_questionnaire(unknown)
