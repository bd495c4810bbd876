import pytest

from ikm.questionnaire import QUESTIONNAIRES, latest, latest_names, normal_name, read_forms, read_items

from .samples import ITEMS

HEAD = "questionnaire,order_on_form,item_id,question_id,scale_min,scale_max,polarity,options\n"


def test_the_form_has_nine_items_in_the_order_of_the_form():
    skm = QUESTIONNAIRES["skm"]
    assert tuple(item.code for item in skm.items) == ITEMS
    assert all((item.scale_min, item.scale_max, len(item.options)) == (1, 4, 4) for item in skm.items)


def test_the_number_in_stored_pages_never_changes():
    numbers = {name: form.number for name, form in QUESTIONNAIRES.items()}
    assert numbers == {"skm": 1, "ipkp": 2, "ipak": 3, "lengkap": 4}


def test_the_whole_form_is_the_three_others():
    whole, parts = QUESTIONNAIRES["lengkap"].items, [QUESTIONNAIRES[name].items for name in ("skm", "ipkp", "ipak")]
    assert whole == tuple(item for part in parts for item in part)
    assert [len(part) for part in parts] == [9, 8, 5]
    assert {(item.scale_min, item.scale_max) for item in whole[9:]} == {(1, 6)}


def test_the_wording_is_verbatim():
    items = QUESTIONNAIRES["lengkap"].by_code
    assert items["biaya"].question == "Bagaimana pendapat Saudara tentang kewajaran biaya/tarif dalam pelayanan?"
    assert items["biaya"].options == ("Sangat mahal", "Cukup mahal", "Murah", "Gratis")
    assert items["pengaduan"].options[2] == "Berfungsi kurang maksimal"
    assert items["ipkp.prosedur"].question == "Prosedur/alur pelayanan mudah diikuti/dilakukan"
    assert items["ipak.percaloan"].question == "Tidak ada percaloan/perantara tidak resmi"


def test_the_values_that_an_answer_may_have():
    allowed = QUESTIONNAIRES["skm"].allowed
    assert len(allowed) == 9 * 5
    assert {("waktu", None), ("waktu", 1), ("waktu", 4)} <= allowed
    assert not {("waktu", 0), ("waktu", 5), ("time", 1)} & allowed


def test_a_form_may_be_called_by_its_version():
    names = {"skm": "skm", "skm@1": "skm", "skm@2": "skm@2", "x@1": "x@1", "@1": "@1"}
    assert {name: normal_name(name) for name in names} == names
    assert [latest(name) for name in ("skm", "skm@1", "x")] == ["skm", "skm@1", "x"]


def test_a_later_version_leaves_the_name_of_the_first_alone():
    rows = {"a": "a,1,a,?,1,4,positive,x\n", "b": "b,1,b,?,1,6,negative,x\n"}
    items = {name: read_items(name, HEAD + row) for name, row in rows.items()}
    forms = read_forms(FORM.format(1, 7, "a") + FORM.format(2, 8, "b"), items)
    found = {name: (form.version, form.items[0].code) for name, form in forms.items()}
    assert found == {"f": (1, "a"), "f@2": (2, "b")}
    assert latest_names(forms) == {"f": "f@2"}
    assert [forms["f@2"].items[0].good(score) for score in (1, 6)] == [6, 1]


FORM = '[[forms]]\nid = "f"\nversion = {}\nnumber = {}\nparts = ["{}"]\n'


@pytest.mark.parametrize(
    "rows",
    [
        "other,1,a,?,1,4,positive,x|y|z|w\n",
        "new,2,a,?,1,4,positive,x|y|z|w\n",
        "new,1,a,?,1,16,positive,x|y|z|w\n",
        "new,1,a,?,4,1,positive,x|y|z|w\n",
        "",
    ],
)
def test_a_file_that_contradicts_itself_is_refused(rows):
    with pytest.raises(ValueError, match=r"questionnaire new|item a"):
        read_items("new", HEAD + rows)


@pytest.mark.parametrize(
    ("first", "second", "forms", "match"),
    [
        ("1,a,?,1,4", "1,b,?,1,4", FORM.format(1, 1, "a") + FORM.format(2, 1, "b"), "number of its own"),
        ("1,a,?,1,4", "1,b,?,1,4", FORM.format(1, 1, "a") + FORM.format(1, 2, "b"), "name and a number"),
        ("1,a,?,1,4", "1,a,?,1,6", FORM.format(1, 1, "a") + FORM.format(2, 2, "b"), "two things"),
        ("1,a,?,1,4", "1,a,!,1,4", FORM.format(1, 1, "a") + FORM.format(2, 2, "b"), "two things"),
        ("1,a,?,1,4", "1,b,?,1,4", FORM.format(1, 1, "a"), "in no form"),
        ("1,a,?,1,4", "1,a,?,1,4", FORM.format(1, 1, 'a", "b'), "unique"),
    ],
)
def test_forms_that_contradict_each_other_are_refused(first, second, forms, match):
    items = {name: read_items(name, f"{HEAD}{name},{row},positive,x\n") for name, row in (("a", first), ("b", second))}
    with pytest.raises(ValueError, match=match):
        read_forms(forms, items)
