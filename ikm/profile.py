"""What a respondent may say about themself: four optional questions, each with its list of answers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_QUESTIONS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = MappingProxyType(
    {
        "jenis_kelamin": (("L", "laki-laki"), ("P", "perempuan")),
        "usia": (("<20",), ("20-29", "20–29"), ("30-39", "30–39"), ("40-49", "40–49"), (">=50", "≥50")),  # noqa: RUF001
        "pendidikan": (
            ("tidak sekolah",),
            ("SD",),
            ("SMP",),
            ("SMA",),
            ("D1-D3", "D1–D3"),  # noqa: RUF001 - reports print the range with a dash
            ("S1",),
            ("S2",),
            ("S3",),
        ),
        "pekerjaan": (
            ("PNS",),
            ("TNI",),
            ("POLRI",),
            ("swasta",),
            ("wirausaha",),
            ("pelajar/mahasiswa", "pelajar", "mahasiswa"),
            ("petani/nelayan", "petani", "nelayan"),
            ("IRT",),
            ("pensiunan",),
            ("lainnya",),
        ),
    }
)


_NAMES: Final = {
    "L": "Laki-laki",
    "P": "Perempuan",
    "tidak sekolah": "Tidak sekolah",
    "swasta": "Swasta",
    "wirausaha": "Wirausaha",
    "pelajar/mahasiswa": "Pelajar/mahasiswa",
    "petani/nelayan": "Petani/nelayan",
    "pensiunan": "Pensiunan",
    "lainnya": "Lainnya",
}
"""Where neither the code nor its last spelling is how people read it."""


def _spellings(names: tuple[str, ...]) -> dict[str, str]:
    written = {*names, *(name.lower() for name in names)}
    written |= {name.replace(" ", "_").replace("/", "_") for name in written}
    return dict.fromkeys(written, names[0])


PROFILE: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        question: MappingProxyType({k: v for names in answers for k, v in _spellings(names).items()})
        for question, answers in _QUESTIONS.items()
    }
)
"""Per question every accepted spelling with the code that it stands for. An event keeps the spelling that was sent, so
that anybody can recompute its canonical payload; whoever counts a profile translates."""

ALLOWED: Final = frozenset((question, spelling) for question, known in PROFILE.items() for spelling in known)
"""Every (question, spelling) pair that a respondent's profile may hold."""

NAMES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        question: MappingProxyType({names[0]: _NAMES.get(names[0]) or names[-1] for names in answers})
        for question, answers in _QUESTIONS.items()
    }
)
"""Per question its answers in the order of the form, each with the name that people read."""
