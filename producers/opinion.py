"""What the people of the invented city think: a quality level per unit and element, a mood per respondent."""

from collections.abc import Mapping
from hashlib import blake2b

ELEMENT_SHIFT: Mapping[str, float] = {
    "persyaratan": 0.05,
    "prosedur": 0.0,
    "waktu": -0.22,
    "biaya": 0.38,
    "produk": 0.04,
    "kompetensi": 0.10,
    "perilaku": 0.14,
    "sarana": -0.16,
    "pengaduan": -0.08,
}
"""How far the usual answer to an element lies from a unit's own level, in scores."""

KIND_LEVEL: Mapping[str, float] = {
    "perangkat_daerah": 3.22,
    "uptd": 3.14,
    "bagian": 3.30,
    "puskesmas": 3.20,
    "kelurahan": 3.18,
    "mpp": 3.48,
    "rsud": 2.96,
    "perusahaan_daerah": 2.88,
}
"""The usual level of a kind of unit, as a mean score 1..4."""

MOODS = (-0.75, -0.25, 0.0, 0.25, 0.55)
"""How far one respondent lies from the others: the answers of one person belong together."""

_UNIT_SPREAD = 0.9
_ELEMENT_SPREAD = 0.4


def level(seed: int, unit: str, kind: str) -> float:
    """The level of one unit, a mean score; the same for the same seed."""
    return KIND_LEVEL[kind] + _UNIT_SPREAD * _spread(seed, unit)


def score_table(seed: int, unit: str, kind: str, mood: float, element: str) -> bytes:
    """256 scores from which one random byte picks: the distribution of the answers to one element.

    Args:
        seed: of the simulation.
        unit: code of the unit.
        kind: its kind.
        mood: one of `MOODS`.
        element: its code; one without a shift of its own has none.

    Returns:
        256 bytes, each 1..4, ascending.
    """
    mean = level(seed, unit, kind) + ELEMENT_SHIFT.get(element, 0.0) + mood
    mean += _ELEMENT_SPREAD * _spread(seed, f"{unit}/{element}")
    shares = [_share(mean, score) for score in (1, 2, 3, 4)]
    total = sum(shares)
    first, second, third = (round(256 * sum(shares[:upto]) / total) for upto in (1, 2, 3))
    return b"\1" * first + b"\2" * (second - first) + b"\3" * (third - second) + b"\4" * (256 - third)


def _share(mean: float, score: int) -> float:
    """A bell around the mean, cut at the ends of the scale."""
    return float(2.0 ** (-2.4 * (mean - score) ** 2))


def _spread(seed: int, name: str) -> float:
    """-1..1, fixed by seed and name, small values likelier."""
    digest = blake2b(f"{seed}|{name}".encode(), digest_size=6).digest()
    dice = [int.from_bytes(digest[start : start + 2], "big") / 65535 for start in (0, 2, 4)]
    return sum(dice) / 1.5 - 1.0
