import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.registry_plan import FilesRefused, plan
from producers.table import Unreadable
from runtime.clock import system_clock
from runtime.units import UnitsStore

UNITS = "code,name,zone,period,parent,valid_from,valid_to,merged_into\n"
NOBODY = UnitsStore("", clock=system_clock)
"""A register with nothing in it."""


def write(folder: Path, files: dict[str, str]) -> None:
    for stem, text in files.items():
        ending = "yaml" if text.startswith("-") else "csv"
        (folder / f"{stem}.{ending}").write_text(text, encoding="utf-8")


A = "a,A,Asia/Jakarta,tahun"
"""The row of a unit, up to its period."""
GOOD = f"{UNITS}{A},,,,\n"

REFUSED = [
    (
        {"units": f"{UNITS}{A},b,,,\nb,B,Asia/Jakarta,tahun,a,,,\n"},
        ["units.csv line 2: parent = 'b': .* a below b below a"],
    ),
    ({"units": f"{UNITS}{A},nowhere,,,\n"}, ["units.csv line 2: parent = 'nowhere': .*unknown_unit"]),
    ({"units": f"{UNITS}{A},,,2026-01-01,nowhere\n"}, ["line 2: merged_into = 'nowhere': .*unknown_unit"]),
    ({"units": f"{UNITS}{A},,,,\n\n{A},,2004-01-01,,\n"}, ["units.csv line 4: valid_from = '2004-01-01': line 2 has"]),
    (
        {"units": f"{UNITS}{A},,2020-01-01,2021-02-01,\n{A},,2021-01-01,,\n"},
        ["units.csv line 2: valid_to = '2021-02-01': .*end this one by then"],
    ),
    ({"units": f"{UNITS}{A},,1/7/2026,,\n"}, ["units.csv line 2: valid_from = '1/7/2026': .*2026-07-01"]),
    (
        {"units": f"{UNITS}a,A,Asia/Tokyo,mingguan,,,,\n"},
        ["line 2: period = 'mingguan'", "line 2: zone = 'Asia/Tokyo'"],
    ),
    ({"units": f"{UNITS}{A}\n"}, ["units.csv line 2: the row has 4 cells and the headers are 8"]),
    ({"units": f"{UNITS},A,Asia/Jakarta,tahun,,,,\n"}, ["units.csv line 2: code = '': give the unit its code"]),
    (
        {"units": "code,nama,zone,period\na,A,Asia/Jakarta,tahun\n"},
        ["units.csv line 1: 'nama' is no column of units", "units.csv line 2: name is missing"],
    ),
    (
        {"units": f"code,name,zone,period,population,lat,lon\n{A},5.000,-91,\n"},
        ["lat = '-91'", "lon = ''", "population = '5.000'"],
    ),
    ({"units": "- code: a\n  name: [x]\n"}, ["units.yaml line 1: the row is no mapping"]),
    ({"units": "- code: a\n  name: 'x\n"}, ["units.yaml line 3: it is not YAML"]),
    (
        {"units": "- code: a\n  name: A\n  zone: Asia/Jakarta\n  period: tahun\n  name: B\n"},
        ["units.yaml line 1: 'name' stands there twice"],
    ),
    ({"units": "- code: a\n", "periods": "- [a]: 1\n"}, ["periods.yaml line 1: the row", "name", "period", "zone"]),
    (
        {"units": GOOD, "services": "unit,code,name\na,a b,x\nb,ktp,x\na,c,x\na,c,y\n"},
        ["services.csv line 2: code = 'a b'", "services.csv line 3: unit = 'b'", "services.csv line 5: code = 'c'"],
    ),
    (
        {"units": GOOD, "periods": "unit,code,from,to,grace_days\na,q,2026-02-01,2026-03-01,400\n"},
        ["periods.csv line 2: grace_days = '400'"],
    ),
    (
        {"units": GOOD, "periods": "unit,code,from,to\na,q,2026-02-01,2026-03-01\na,p,2026-02-01,2026-02-01\n"},
        ["periods.csv line 3: to = '2026-02-01'"],
    ),
    (
        {"units": GOOD, "targets": "unit,period,index,n,value\na,2026,ikn,,88\n"},
        ["targets.csv line 2: index = 'ikn': .*ikm, ipak, ipkp"],
    ),
]


@pytest.mark.parametrize(("files", "said"), REFUSED)
def test_a_fault_names_its_place_and_the_cure(tmp_path: Path, files: dict[str, str], said: list[str]) -> None:
    write(tmp_path, files)
    with pytest.raises(FilesRefused) as caught:
        plan(tmp_path, NOBODY)
    lines = sorted(str(finding) for finding in caught.value.findings)
    for line, pattern in zip(lines, said, strict=True):
        assert re.search(pattern, line), line


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: None, "there is no units.csv"),
        (lambda folder: folder.joinpath("units.csv").mkdir(), "cannot be read"),
        (lambda folder: folder.joinpath("unit.csv").write_text("code\na\n"), "there is no units.csv"),
    ],
)
def test_a_folder_without_units(tmp_path: Path, make: Callable[[Path], Any], said: str) -> None:
    make(tmp_path)
    with pytest.raises(Unreadable, match=said):
        plan(tmp_path, NOBODY)


ROWS = ["a,A,,\n", "b,B,a,2020-01-01\n", "b,B,,2022-01-01\n", "c,C,b,\n"]


@given(st.permutations(ROWS))
@settings(max_examples=24)
def test_the_order_of_the_rows_does_not_matter(tmp_path_factory: Any, rows: list[str]) -> None:
    folder = tmp_path_factory.mktemp("rows")
    head = "code,name,parent,valid_from,zone,period\n"
    write(folder, {"units": head + "".join(row.replace("\n", ",Asia/Jakarta,tahun\n") for row in rows)})
    found = {change.unit.key: change.unit for change in plan(folder, NOBODY).changes}
    assert sorted(found) == ["a@2004-01-01", "b@2020-01-01", "b@2022-01-01", "c@2004-01-01"]
    assert [found[key].parent for key in sorted(found)] == [None, "a", None, "b"]


@given(st.sampled_from(["units.csv", "units.yaml", "services.csv", "periods.yaml"]), st.binary(max_size=60) | st.text())
def test_any_file_is_read_or_refused(tmp_path_factory: Any, name: str, content: bytes | str) -> None:
    folder = tmp_path_factory.mktemp("any")
    write(folder, {"units": UNITS + "a,A,Asia/Jakarta,tahun,,,,\n"})
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    (folder / name).write_bytes(b"unit,code\n" + data if name == "services.csv" else data)
    with suppress(FilesRefused, Unreadable):
        plan(folder, NOBODY)


def test_both_forms_of_one_sheet_are_refused_and_other_files_are_named(tmp_path: Path) -> None:
    write(tmp_path, {"units": UNITS + "a,A,Asia/Jakarta,tahun,,,,\n", "notes": "x\n1\n"})
    assert plan(tmp_path, NOBODY).unused == ("notes.csv",)
    write(tmp_path, {"units": "- code: b\n"})
    with pytest.raises(FilesRefused, match="1 fault in") as caught:
        plan(tmp_path, NOBODY)
    assert "second list of units" in str(caught.value.findings[0])
