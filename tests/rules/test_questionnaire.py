import pytest

from ikm.questionnaire import QUESTIONNAIRES, read

from .samples import ITEMS

HEAD = "questionnaire,order_on_form,item_id,element,question_id,scale_min,scale_max,options\n"


def test_the_form_has_nine_items_in_the_order_of_the_form():
    skm = QUESTIONNAIRES["skm"]
    assert tuple(item.code for item in skm.items) == ITEMS
    assert [item.order for item in skm.items] == list(range(1, 10))
    assert all((item.scale_min, item.scale_max, len(item.options)) == (1, 4, 4) for item in skm.items)


def test_the_number_in_stored_pages_never_changes():
    assert {name: form.number for name, form in QUESTIONNAIRES.items()} == {"skm": 1}


def test_the_wording_is_verbatim():
    items = QUESTIONNAIRES["skm"].by_code
    assert items["biaya"].question == "Bagaimana pendapat Saudara tentang kewajaran biaya/tarif dalam pelayanan?"
    assert items["biaya"].options == ("Sangat mahal", "Cukup mahal", "Murah", "Gratis")
    assert items["pengaduan"].options[2] == "Berfungsi kurang maksimal"


def test_the_values_that_an_answer_may_have():
    allowed = QUESTIONNAIRES["skm"].allowed
    assert len(allowed) == 9 * 5
    assert {("waktu", None), ("waktu", 1), ("waktu", 4)} <= allowed
    assert not {("waktu", 0), ("waktu", 5), ("time", 1)} & allowed


@pytest.mark.parametrize(
    "rows",
    [
        "other,1,a,a,?,1,4,x|y|z|w\n",
        "new,2,a,a,?,1,4,x|y|z|w\n",
        "new,1,a,a,?,1,4,x|y|z|w\nnew,2,a,b,?,1,4,x|y|z|w\n",
        "",
    ],
)
def test_a_file_that_contradicts_itself_is_refused(rows):
    with pytest.raises(ValueError, match="questionnaire new"):
        read("new", 2, HEAD + rows)
