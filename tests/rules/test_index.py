from dataclasses import replace
from fractions import Fraction
from importlib import resources

import pytest

from ikm.index import IKM, INDICES, Element, read

from .samples import ITEMS

TEXT = (resources.files("ikm") / "indices" / "ikm.toml").read_text("utf-8")


def test_the_index_and_its_elements():
    assert INDICES["ikm"] is IKM
    assert tuple(element.code for element in IKM.elements) == ITEMS
    assert [element.u for element in IKM.elements] == list(range(1, 10))
    assert {element.weight for element in IKM.elements} == {Fraction(1, 9)}
    assert IKM.integer_weights == (1,) * 9


@pytest.mark.parametrize(
    ("hundredths", "mutu", "kinerja"),
    [
        (10000, "A", "Sangat baik"),
        (8831, "A", "Sangat baik"),
        (8830, "B", "Baik"),
        (7661, "B", "Baik"),
        (7660, "C", "Kurang baik"),
        (6500, "C", "Kurang baik"),
        (6499, "D", "Tidak baik"),
        (2500, "D", "Tidak baik"),
        # Bounds that other software got wrong: the rule of 2004, a slip of the pen, tens.
        (4375, "D", "Tidak baik"),
        (6250, "D", "Tidak baik"),
        (8125, "B", "Baik"),
        (8331, "B", "Baik"),
        (9000, "A", "Sangat baik"),
        (8000, "B", "Baik"),
        (7000, "C", "Kurang baik"),
        (6000, "D", "Tidak baik"),
    ],
)
def test_bands(hundredths, mutu, kinerja):
    band = IKM.band(hundredths)
    assert (band.mutu, band.kinerja) == (mutu, kinerja)


def test_weights_must_sum_to_exactly_one():
    with pytest.raises(ValueError, match="sum to 99/100"):
        read(TEXT.replace('"1/9"', '"0.11"'))


def test_unequal_weights_are_refused_for_the_interval():
    with pytest.raises(ValueError, match="interval"):
        read(TEXT.replace('"1/9"', '"1/18"', 1).replace('"1/9"', '"1/6"', 1))


def test_an_element_that_no_item_feeds_is_refused():
    with pytest.raises(ValueError, match="fed by"):
        read(TEXT.replace('items = ["waktu"]', 'items = ["cuaca"]'))


def test_an_index_with_other_weights_can_be_made_by_hand():
    elements = (
        Element("a", 1, "A", Fraction(1, 3), IKM.items[:1]),
        Element("b", 2, "B", Fraction(2, 3), IKM.items[1:2]),
    )
    index = replace(IKM, elements=elements)
    assert index.integer_weights == (1, 2)
    assert not index.equal_weights
    with pytest.raises(ValueError, match="best to the worst"):
        replace(IKM, bands=IKM.bands[::-1])
