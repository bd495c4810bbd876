import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.clock import system_clock
from runtime.units import UnitsStore

EXAMPLES = Path(__file__).parents[2] / "examples"
UNITS = "code,name,zone,period,parent,valid_from,valid_to,merged_into\n"


@pytest.fixture
async def register(kafka: str, log_epoch: int) -> Any:
    """The register as the run's Kafka has it."""
    units = UnitsStore(kafka, clock=system_clock)
    await units.start()
    await units.wait_ready()
    yield units
    await units.stop()


@pytest.fixture
def names(unique: Callable[[str], str]) -> dict[str, str]:
    """Codes of the test's own for the letters in its files."""
    return {letter: unique(letter) for letter in "abc"}


def write(folder: Path, names: dict[str, str], **files: str) -> None:
    for stem, text in files.items():
        ending = "yaml" if text.lstrip().startswith(("-", "units:", "periods:")) else "csv"
        (folder / f"{stem}.{ending}").write_text(text.format(**names), encoding="utf-8")


@pytest.mark.parametrize(("example", "count"), [("kota", 157), ("kementerian", 53)])
async def test_the_examples_are_applied_once(ikm: Any, register: Any, example: str, count: int) -> None:
    folder = str(EXAMPLES / example)
    dry = ikm("registry", "apply", folder, "--dry-run")
    assert dry.returncode == 1, dry.stderr
    assert f"{count} new and 0 changed would be applied, 0 unchanged" in dry.stdout
    done = ikm("registry", "apply", folder)
    assert done.returncode == 0, done.stderr
    assert f"{count} new and 0 changed are applied" in done.stdout
    for again in (["--dry-run"], []):
        same = ikm("registry", "apply", folder, *again)
        assert (same.returncode, same.stderr) == (0, "")
        assert same.stdout.splitlines()[-1].startswith("0 new and 0 changed")
        assert same.stdout.splitlines()[-1].endswith(f"{count} unchanged")


def test_the_city_has_the_eight_kinds_below_its_root() -> None:
    rows = list(csv.DictReader((EXAMPLES / "kota" / "units.csv").read_text("utf-8").splitlines()))
    assert Counter(row["type"] for row in rows) == {
        "pemkot": 1, "perangkat_daerah": 31, "uptd": 33, "bagian": 9, "puskesmas": 27, "kelurahan": 52, "mpp": 1,
        "rsud": 1, "perusahaan_daerah": 2,
    }  # fmt: skip
    assert [row["code"] for row in rows if not row["parent"]] == ["pemkot"]


def test_the_ministry_lies_in_three_zones() -> None:
    rows = list(csv.DictReader((EXAMPLES / "kementerian" / "units.csv").read_text("utf-8").splitlines()))
    assert {row["zone"] for row in rows if row["type"] == "layanan"} == {
        "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura",
    }  # fmt: skip
    above = {row["code"]: row["type"] for row in rows}
    kinds = {(row["type"], above.get(row["parent"])) for row in rows}
    assert kinds == {("kementerian", None), ("kanwil", "kementerian"), ("kantor", "kanwil"), ("layanan", "kantor")}


async def test_what_the_files_say_is_what_the_register_has(
    ikm: Any, register: Any, names: dict[str, str], tmp_path: Path
) -> None:
    write(
        tmp_path,
        names,
        units="""
- {{code: {b}, name: Loket, zone: Asia/Jayapura, period: triwulan, parent: {a}, population: 500, lat: -2.5, lon: 140.7}}
- {{code: {a}, name: "Dinas", zone: Asia/Jayapura, period: tahun, valid_to: 2026-07-01, merged_into: {c}}}
- {{code: {c}, name: Badan, zone: Asia/Jayapura, period: tahun}}
""",
        services="unit;code;name\n{b};ktp;KTP-el\n{b};kk;Kartu keluarga\n",
        periods="periods:\n- {{unit: {b}, code: musim, from: 2026-02-01, to: 2026-03-01}}\n",
        targets="unit;period;index;n;value\n{b};musim;ikm;40;88,31\n",
    )
    done = ikm("registry", "apply", ".")
    assert done.returncode == 0, done.stdout + done.stderr
    loket = await version(register, names["b"])
    assert loket["location"] == {"lat": -2.5, "lon": 140.7}
    assert (loket["parent"], loket["population"], loket["valid_from"]) == (names["a"], 500, "2004-01-01")
    assert loket["services"] == [{"code": "ktp", "name": "KTP-el"}, {"code": "kk", "name": "Kartu keluarga"}]
    assert loket["periods"] == [{"code": "musim", "from": "2026-02-01", "to": "2026-03-01", "grace_days": 7}]
    assert loket["targets"] == [{"period": "musim", "index": "ikm", "n": 40, "value": 88.31}]
    dinas = await version(register, names["a"])
    assert (dinas["valid_to"], dinas["merged_into"]) == ("2026-07-01", names["c"])


async def version(register: UnitsStore, code: str) -> Any:
    """A unit's only version, as JSON, once the store has read it."""
    end = 0
    while (versions := register.versions(code)) is None:
        end += 1
        await register.wait_for(end, timeout_s=30)
    [only] = versions
    return only.model_dump(mode="json")


async def test_a_change_is_told_and_what_is_not_spoken_of_stays(
    ikm: Any, register: Any, names: dict[str, str], tmp_path: Path
) -> None:
    write(tmp_path, names, units=UNITS + "{a},Dinas,Asia/Jakarta,tahun,,,,\n", services="unit,code,name\n{a},ktp,KTP\n")
    assert ikm("registry", "apply", ".").returncode == 0
    (tmp_path / "services.csv").unlink()
    moved = "{a},Dinas Baru,Asia/Jakarta,tahun,\n{a},Dinas,Asia/Makassar,tahun,2026-01-01\n"
    write(tmp_path, names, units="code,name,zone,period,valid_from\n" + moved)
    dry = ikm("registry", "apply", ".", "--dry-run")
    assert dry.returncode == 1
    assert f'changed  {names["a"]}@2004-01-01  name "Dinas" → "Dinas Baru"' in dry.stdout
    assert f"new      {names['a']}@2026-01-01  Dinas" in dry.stdout
    assert ikm("registry", "apply", ".").returncode == 0
    write(tmp_path, names, units="code,name,zone,period\n{a},Dinas Baru,Asia/Jakarta,tahun\n")
    same = ikm("registry", "apply", ".")
    assert f"note: the register also has {names['a']}@2026-01-01" in same.stdout
    write(tmp_path, names, services="unit,code,name\n{a},kk,KK\n")
    told = ikm("registry", "apply", ".", "--dry-run").stdout
    assert 'services -{"code": "ktp", "name": "KTP"} +{"code": "kk", "name": "KK"}' in told


def test_a_fault_names_its_place_and_nothing_is_applied(ikm: Any, names: dict[str, str], tmp_path: Path) -> None:
    good = "{c},C,Asia/Jakarta,tahun,,,,\n"
    write(tmp_path, names, units=UNITS + good + "{a},A,Asia/Jakarta,tahun,{b},,,\n{b},B,Asia/Jakarta,tahun,{a},,,\n")
    for options in (["--dry-run"], []):
        done = ikm("registry", "apply", ".", *options)
        assert done.returncode == 2
        assert "units.csv line 3: parent = " in done.stdout
        [line] = done.stderr.splitlines()
        assert "1 fault in the files; nothing was applied" in line
    write(tmp_path, names, units=UNITS + good)
    assert ikm("registry", "apply", ".", "--dry-run").stdout.startswith("new ")


async def test_a_parent_may_stand_already_and_a_cycle_through_it_is_seen(
    ikm: Any, names: dict[str, str], tmp_path: Path
) -> None:
    write(tmp_path, names, units=UNITS + "{a},A,Asia/Jakarta,tahun,,,,\n")
    assert ikm("registry", "apply", ".").returncode == 0
    write(tmp_path, names, units=UNITS + "{b},B,Asia/Jakarta,tahun,{a},,,\n")
    assert ikm("registry", "apply", ".").returncode == 0
    write(tmp_path, names, units=UNITS + "{a},A,Asia/Jakarta,tahun,{b},,,\n")
    done = ikm("registry", "apply", ".")
    assert done.returncode == 2
    assert "units.csv line 2: parent = " in done.stdout


def test_kafka_away_or_no_folder_is_one_line(ikm: Any, tmp_path: Path) -> None:
    away = ikm("registry", "apply", str(EXAMPLES / "kota"), bootstrap="127.0.0.1:9")
    assert away.returncode == 2
    assert "is not to be reached" in away.stderr
    nowhere = ikm("registry", "apply", "nowhere")
    assert nowhere.returncode == 2
    assert "nowhere: cannot be read" in nowhere.stderr
