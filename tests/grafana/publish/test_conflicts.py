"""What somebody changed by hand is not overwritten unasked, and is told with who did it and what to do."""

import copy

import pytest

from tests.grafana.publish.commands import Commands
from tests.grafana.publish.committed import COUNT, board, write_board


@pytest.fixture
def published(grafana: Commands) -> Commands:
    assert grafana.publish().code == 0
    return grafana


def test_a_board_changed_by_hand_is_a_conflict(published: Commands) -> None:
    published.fake.boards.by_hand("ikm-unit", "budi", "warna diganti", title="Unit milik Budi")
    said = published.publish()
    assert said.code == 3
    line = said.text.splitlines()[0]
    assert line.startswith("dashboard ikm-unit: conflict: version 2 was saved by budi at 2026-11-23T09:00:00Z, ")
    assert "'warna diganti'" in line
    assert "ikm grafana export" in line
    assert "--overwrite" in line
    assert published.fake.boards.specs["ikm-unit"]["title"] == "Unit milik Budi"


def test_the_others_are_published_beside_a_conflict(published: Commands) -> None:
    published.fake.boards.by_hand("ikm-operasi", title="Lain")
    write_board(published.folder, board("unit", "Unit layanan"))
    said = published.publish()
    assert said.code == 3
    assert said.text.splitlines()[-1] == f"0 created, 1 changed, {COUNT - 2} unchanged, 1 conflict, 0 failed"
    assert published.fake.boards.specs["ikm-unit"]["title"] == "Unit layanan"


def test_a_dry_run_finds_the_conflict_too(published: Commands) -> None:
    published.fake.boards.by_hand("ikm-unit", title="Lain")
    published.fake.calls.clear()
    assert published.publish("--dry-run").code == 3
    assert published.fake.writes == []


def test_overwrite_puts_the_committed_one_in_its_place_once(published: Commands) -> None:
    published.fake.boards.by_hand("ikm-unit", title="Lain")
    assert published.publish("--overwrite").code == 0
    assert published.fake.boards.specs["ikm-unit"]["title"] == "Unit"
    assert published.fake.boards.versions["ikm-unit"][0]["version"] == 3
    assert published.publish().text.startswith(f"0 created, 0 changed, {COUNT} unchanged")


def test_saving_without_a_change_is_none(published: Commands) -> None:
    published.fake.boards.by_hand("ikm-unit")
    assert published.publish().code == 0
    assert published.diff().code == 0
    write_board(published.folder, board("unit", "Unit layanan"))
    assert published.publish().code == 3, "who saved it may have meant it: it is asked"


def test_a_board_that_was_moved_is_a_difference(published: Commands) -> None:
    published.fake.boards.folders["lain"] = "Lain"
    published.fake.boards.store("ikm-unit", published.fake.boards.specs["ikm-unit"], "lain", "budi", "")
    assert "dashboard ikm-unit: folder: committed ikm, server lain" in published.diff().text
    assert published.publish().code == 3
    assert published.publish("--overwrite").code == 0
    assert published.fake.boards.places["ikm-unit"] == "ikm"


def test_a_board_saved_in_the_other_schema_is_a_conflict(published: Commands) -> None:
    published.fake.boards.in_schema_2.add("ikm-unit")
    said = published.publish()
    assert said.code == 3
    assert "dashboard ikm-unit: conflict: somebody saved it in another schema than that of the files (GET" in said.text
    said = published.diff()
    assert said.code == 1
    assert "dashboard ikm-unit: schema: committed 42, server" in said.text
    said = published.export()
    assert said.code == 2
    assert "save it there as Classic JSON, or publish it anew" in said.text
    assert published.publish("--overwrite").code == 0
    assert published.diff().code == 0


def test_a_history_that_is_gone_says_nothing_and_is_not_ours(published: Commands) -> None:
    published.fake.boards.versions["ikm-unit"][0]["version"] = 7
    published.fake.before = lambda _, path: (500, {}, '{"message": "gone"}') if path.endswith("/versions/7") else None
    write_board(published.folder, board("unit", "Unit layanan"))
    said = published.publish()
    assert said.code == 3
    assert "dashboard ikm-unit: conflict: nobody knows who saved version 7 (GET" in said.text
    assert "answers 500: gone)" in said.text
    assert published.publish("--overwrite").code == 0


def test_a_move_that_kept_the_message_is_a_conflict(published: Commands) -> None:
    published.fake.boards.folders["lain"] = "Lain"
    published.fake.boards.places["ikm-unit"] = "lain"
    said = published.publish()
    assert said.code == 3
    assert "dashboard ikm-unit: conflict: somebody moved it to the folder lain" in said.text


@pytest.mark.parametrize("conflict", [409, 412])
def test_who_saves_between_the_look_and_the_write_wins(serve, conflict: int) -> None:
    grafana = serve(conflict=conflict)
    write_board(grafana.folder, board("unit", "Unit"))
    assert grafana.publish().code == 0
    write_board(grafana.folder, board("unit", "Unit layanan"))

    def meanwhile(method: str, path: str) -> None:
        if (method, path) == ("POST", "/api/dashboards/db"):
            grafana.fake.before = None
            grafana.fake.boards.by_hand("ikm-unit", "siti", title="Milik Siti")

    grafana.fake.before = meanwhile
    said = grafana.publish()
    assert said.code == 3
    assert "dashboard ikm-unit: conflict: version 2 was saved by siti at 2026-11-23T09:00:00Z meanwhile" in said.text
    assert f"answers {conflict}" in said.text
    assert grafana.fake.boards.specs["ikm-unit"]["title"] == "Milik Siti"


def test_a_foreign_board_with_our_uid_is_a_conflict(grafana: Commands) -> None:
    fake = grafana.fake.boards
    fake.folders["lain"] = "Lain"
    fake.store("ikm-unit", board("unit", "Bukan milik kita"), "lain", "budi", "")
    said = grafana.publish()
    assert said.code == 3
    assert "dashboard ikm-unit: conflict: version 1 was saved by budi" in said.text
    assert fake.specs["ikm-unit"]["title"] == "Bukan milik kita"


def test_a_board_that_grafana_reads_from_files_is_not_written(published: Commands) -> None:
    published.fake.boards.provisioned.add("ikm-unit")
    write_board(published.folder, board("unit", "Unit layanan"))
    said = published.publish("--overwrite")
    assert said.code == 2
    assert "dashboard ikm-unit: failed: this Grafana reads it from files of its own" in said.text


@pytest.mark.parametrize(
    ("what", "spoil"),
    [
        (
            "rule group IKM operasi",
            lambda fake: fake.rules.groups["ikm", "IKM operasi"]["rules"][0].update(title="Lain"),
        ),
        ("template ikm.pesan", lambda fake: fake.alerting.templates["ikm.pesan"].update(template="lain", version="2")),
        ("mute time ikm libur/cuti", lambda fake: fake.alerting.mute_times["ikm libur/cuti"].update(time_intervals=[])),
        ("contact point ikm-surel", lambda fake: fake.alerting.points["ikm-surel"]["settings"].update(addresses="x@y")),
    ],
)
def test_alerting_is_ours_while_its_provenance_says_so(published: Commands, what: str, spoil) -> None:
    spoil(published.fake)
    assert f"{what}: changed" in published.publish().text
    spoil(published.fake)
    for entry in _all(published.fake):
        entry["provenance"] = ""
    said = published.publish()
    assert said.code == 3
    assert f"{what}: conflict: it was made or changed by hand in Grafana" in said.text
    assert published.publish("--overwrite").code == 0
    spoil(published.fake)
    for entry in _all(published.fake):
        entry["provenance"] = "file"
    said = published.publish("--overwrite")
    assert said.code == 2
    assert f"{what}: failed: this Grafana keeps it by itself (provenance file)" in said.text


def _all(fake):
    rules = [rule for group in fake.rules.groups.values() for rule in group["rules"]]
    return [
        *rules,
        *fake.alerting.templates.values(),
        *fake.alerting.mute_times.values(),
        *fake.alerting.points.values(),
    ]


def test_a_branch_that_is_not_as_committed_is_a_conflict(published: Commands) -> None:
    tree = published.fake.alerting.tree
    before = copy.deepcopy(tree)
    tree["routes"][0]["repeat_interval"] = "1h"
    said = published.publish()
    assert said.code == 3
    assert "notification policies tree: conflict: it is not as committed" in said.text
    assert published.publish("--overwrite").code == 0
    assert published.fake.alerting.tree == before


def test_a_tree_that_grafana_keeps_by_itself_is_left_alone(grafana: Commands) -> None:
    grafana.fake.alerting.tree["provenance"] = "file"
    said = grafana.publish("--dry-run")
    assert said.code == 2
    assert "add a route for grafana_folder = IKM to the files that it reads" in said.text


def test_a_tree_that_a_program_wrote_stays_a_programs(grafana: Commands) -> None:
    grafana.fake.alerting.tree["provenance"] = "api"
    assert grafana.publish().code == 0
    assert grafana.fake.alerting.tree["provenance"] == "api"
