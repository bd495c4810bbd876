# ruff: noqa: DTZ001  a workbook's dates have no zone
import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ikm.registry import Unit
from producers.unit_register import UnitRegister
from runtime.clock import system_clock
from runtime.units import UnitsStore

from .workbooks import workbook

SEKADAU = Path(__file__).parents[2] / "producers" / "samples" / "sekadau_2019_s1.csv"


@pytest.fixture
async def unit(kafka: str, log_epoch: int, unique: Callable[[str], str]) -> str:
    """A registered unit of the test's own, in WIB."""
    code = unique("loket")
    units = UnitsStore(kafka, clock=system_clock)
    await units.start()
    try:
        await units.wait_ready()
        async with UnitRegister(kafka, units, clock=system_clock, client_id="test") as register:
            await register.put(Unit(code=code, name="Loket", zone="Asia/Jakarta", period="semester"))
    finally:
        await units.stop()
    return code


async def test_the_real_rows_travel_and_a_repeat_has_the_same_ids(ikm: Any, unit: str, log_since: Any) -> None:
    _, before = await log_since()
    first = ikm("import", str(SEKADAU), "--unit", unit, "--period", "2019-S1")
    assert first.returncode == 0, first.stderr
    assert "49 of 49 rows imported" in first.stdout
    assert "u8 is read as sarana" in first.stdout
    events, between = await log_since(before)
    digest = hashlib.sha256(SEKADAU.read_bytes()).hexdigest()[:16]
    assert [event.id for event in events] == [f"{digest}-{row}" for row in range(1, 50)]
    assert {(event.unit, event.source, event.submitted_at) for event in events} == {(unit, "import", 1_546_275_600_000)}
    assert sum(sum(event.scores.values()) for event in events) == 1389

    again = ikm("import", str(SEKADAU), "--unit", unit, "--period", "2019-S1")
    assert again.returncode == 0
    repeated, _ = await log_since(between)
    assert repeated == events


async def test_bad_rows_are_lines_and_their_neighbours_are_kept(
    ikm: Any, unit: str, log_since: Any, tmp_path: Path
) -> None:
    file = tmp_path / "loket.csv"
    file.write_bytes(b'\xef\xbb\xbfNomor;Kecepatan;u4\r\nA-1;4;\r\nA-2;7;3\r\nA-3;"3";2\r\nA-4;tiga;2\r\n')
    _, before = await log_since()
    options = ["--unit", unit, "--period", "2024-TW2", "--map", "Kecepatan=waktu", "--id-column", "Nomor"]
    dry = ikm("import", "loket.csv", *options, "--dry-run")
    assert dry.returncode == 1
    assert "2 of 4 rows would be imported" in dry.stdout
    done = ikm("import", "loket.csv", *options, "--source", "excel")
    assert done.returncode == 1
    lines = [line for line in done.stdout.splitlines() if line.startswith("row ")]
    assert [line.split(":")[0] for line in lines] == ["row 2 (line 3)", "row 4 (line 5)"]
    assert "Kecepatan = '7'" in lines[0]
    assert "out_of_scale" in lines[0]
    assert "Kecepatan = 'tiga'" in lines[1]
    events, _ = await log_since(before)
    assert [(event.id, event.source, event.answers) for event in events] == [
        ("A-1", "excel", {"waktu": 4, "biaya": None}),
        ("A-3", "excel", {"waktu": 3, "biaya": 2}),
    ]


async def test_a_workbook_travels_as_a_csv_file_does(ikm: Any, unit: str, log_since: Any, tmp_path: Path) -> None:
    at = datetime(2025, 11, 20, 23, 30)
    rows = [("submitted_at", "ipkp.tarif", "ipak.pungli"), (at, 6, 5.0), (at, 2.5, 1), (at, None, 1)]
    (tmp_path / "zi.xlsx").write_bytes(workbook(*rows))
    _, before = await log_since()
    done = ikm("import", "zi.xlsx", "--unit", unit, "--sheet", "Jawaban")
    assert done.returncode == 1, done.stderr
    assert "columns of lengkap: ipkp.tarif" in done.stdout
    [line] = [line for line in done.stdout.splitlines() if line.startswith("row ")]
    assert line.startswith("row 2 (line 3): ipkp.tarif (B3) = '2.5'")
    events, _ = await log_since(before)
    assert [event.scores for event in events] == [{"ipkp.tarif": 6, "ipak.pungli": 5}, {"ipak.pungli": 1}]
    assert {event.submitted_at for event in events} == {datetime.fromisoformat("2025-11-20T16:30Z").timestamp() * 1000}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.csv", "--unit", "{unit}", "--period", "2019"], "nowhere.csv: cannot be read (No such file"),
        (["good.csv", "--unit", "nobody", "--period", "2019"], "unit 'nobody' is not registered"),
        (["good.csv", "--unit", "{unit}", "--period", "2019-S3"], "2019-S3"),
        (["good.csv", "--unit", "{unit}"], "--period"),
        (["good.csv", "--unit", "{unit}", "--period", "2019", "--map", "Cepat=waktu"], "no column 'Cepat'"),
        (["good.csv", "--unit", "{unit}", "--period", "2019", "--source", "a b"], "--source 'a b'"),
        (["empty.csv", "--unit", "{unit}", "--period", "2019"], "no rows"),
        (["good.csv", "--unit", "{unit}", "--period", "2019", "--sheet", "A"], "--sheet 'A'"),
        (["good.csv", "--unit", "{unit}", "--period", "2019", "--questionnaire", "spbe"], "no such form"),
        (["old.xls", "--unit", "{unit}", "--period", "2019"], "old form (.xls)"),
        (["broken.xlsx", "--unit", "{unit}", "--period", "2019"], "no workbook"),
        (["good.csv", "--unit", "{unit}", "--period", "2019", "--data-dir", "elsewhere"], "no running system"),
    ],
)
def test_when_nothing_is_read_one_line_says_why(
    ikm: Any, unit: str, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "good.csv").write_text("u1\n4\n")
    (tmp_path / "empty.csv").write_text("u1\n")
    (tmp_path / "old.xls").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    (tmp_path / "broken.xlsx").write_bytes(b"broken")
    done = ikm("import", *[argument.format(unit=unit) for argument in arguments])
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert said in line


async def test_a_unit_that_was_closed_takes_no_later_rows(ikm: Any, unit: str, tmp_path: Path) -> None:
    columns = "code,name,zone,period,valid_to\n"
    (tmp_path / "units.csv").write_text(f"{columns}{unit},Loket,Asia/Jakarta,semester,2020-01-01\n")
    assert ikm("registry", "apply", ".").returncode == 0
    before = ikm("import", str(SEKADAU), "--unit", unit, "--period", "2019-S2", "--dry-run")
    assert "49 of 49 rows would be imported" in before.stdout
    after = ikm("import", str(SEKADAU), "--unit", unit, "--period", "2020-S1")
    assert after.returncode == 1
    assert "row 1 (line 2): " in after.stdout
    assert "was closed on 2020-01-01" in after.stdout
    assert "0 of 49 rows imported" in after.stdout


def test_when_every_row_is_rejected_each_has_its_line(ikm: Any, unit: str, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("u1\n9\n")
    done = ikm("import", "bad.csv", "--unit", unit, "--period", "2019")
    assert done.returncode == 1
    assert "row 1" in done.stdout
    assert "0 of 1 rows imported" in done.stdout


def test_kafka_away_is_one_line(ikm: Any, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("u1\n4\n")
    done = ikm("import", "good.csv", "--unit", "loket", "--period", "2019", bootstrap="127.0.0.1:9")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "Kafka at 127.0.0.1:9 is not to be reached" in line
    assert "IKM_KAFKA_BOOTSTRAP" in line
