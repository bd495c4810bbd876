"""`ikm grafana publish`: what it writes, that it writes it once, and what it leaves alone."""

import json

import pytest

from tests.grafana.publish.commands import Commands
from tests.grafana.publish.committed import COUNT, MUTE, RULES, ZONE, board, write_alerting, write_board

ALL_NEW = f"{COUNT + 1} created, 0 changed, 0 unchanged, 0 conflict, 0 failed"
ALL_SAME = f"0 created, 0 changed, {COUNT} unchanged, 0 conflict, 0 failed"


def test_everything_is_published_once(grafana: Commands) -> None:
    first = grafana.publish()
    assert (first.code, first.text.splitlines()[-1]) == (0, ALL_NEW), first.text
    assert grafana.fake.boards.folders == {"ikm": "IKM"}
    grafana.fake.calls.clear()
    second = grafana.publish()
    assert (second.code, second.text) == (0, ALL_SAME + "\n")
    assert grafana.fake.writes == []
    assert grafana.fake.boards.versions["ikm-unit"][0]["version"] == 1


def test_a_board_arrives_as_committed_in_its_folder_and_zone(serve) -> None:
    grafana = serve()
    write_board(grafana.folder, board("unit", "Unit"))
    assert grafana.publish("--zone", "Asia/Jayapura").code == 0
    kept = board("unit", "Unit")
    del kept["uid"]
    assert grafana.fake.boards.specs["ikm-unit"] == kept | {"timezone": "Asia/Jayapura"}
    assert grafana.fake.boards.places["ikm-unit"] == "ikm"
    assert grafana.fake.boards.versions["ikm-unit"][0]["message"] == "ikm grafana publish"


def test_rules_arrive_as_the_http_api_wants_them(grafana: Commands) -> None:
    assert grafana.publish().code == 0
    group = grafana.fake.rules.groups["ikm", "IKM operasi"]
    late, beat = group["rules"]
    assert group["interval"] == 60
    assert late["annotations"] == {
        "summary": "Terlambat {{ $labels.partisi }}", "tautan": "/d/ikm-operasi",
        "__dashboardUid__": "ikm-operasi", "__panelId__": "1",
    }  # fmt: skip
    assert (late["for"], late["noDataState"], late["execErrState"]) == ("2m", "OK", "Alerting")
    assert "$__fromTime" in late["data"][0]["model"]["rawSql"]
    assert (beat["for"], beat["noDataState"], beat["keep_firing_for"]) == ("0s", "NoData", "1h30m")
    assert "__dashboardUid__" not in beat["annotations"]
    assert {rule["provenance"] for rule in group["rules"]} == {"api"}


def test_addresses_and_secrets_come_from_the_environment(grafana: Commands) -> None:
    assert grafana.publish().code == 0
    points = grafana.fake.alerting.points
    assert points["ikm-surel"]["settings"]["addresses"] == "operasi@kota.example"
    assert points["ikm-kait"]["settings"] == {"url": "http://127.0.0.1/kait?harga=$5", "password": "[REDACTED]"}
    assert grafana.fake.alerting.secrets["ikm-kait"] == {"password": "s3cret$1"}


def test_a_secret_is_sent_again_only_when_asked(grafana: Commands) -> None:
    assert grafana.publish().code == 0
    assert ALL_SAME in grafana.publish(IKM_ALERT_PASSWORD="new").text
    again = grafana.publish("--overwrite", IKM_ALERT_PASSWORD="new")
    assert (again.code, again.text.splitlines()[0]) == (0, "contact point ikm-kait: changed")
    assert grafana.fake.alerting.secrets["ikm-kait"] == {"password": "new"}


def test_a_secret_that_is_not_set_is_named_and_keeps_nothing_else(grafana: Commands) -> None:
    said = grafana.publish(IKM_ALERT_EMAIL=None)  # type: ignore[arg-type]
    assert said.code == 2
    where = "contact point ikm-surel.settings.addresses"
    assert f"failed: {where} needs the environment variable IKM_ALERT_EMAIL, which is not set" in said.text
    assert grafana.fake.boards.specs.keys() == {"ikm-unit", "ikm-operasi"}
    assert "s3cret" not in said.text
    needed = "contact point ikm-surel, which failed and is not there"
    assert f"notification policies tree: failed: it needs {needed}" in said.text
    assert "rule group IKM operasi: failed: it needs notification policies tree, which failed" in said.text
    assert not grafana.fake.rules.groups, "without a route of ours their alerts would go to somebody else"


def test_a_dry_run_fails_where_publishing_would(grafana: Commands) -> None:
    dry = grafana.publish("--dry-run", IKM_ALERT_EMAIL=None)  # type: ignore[arg-type]
    assert dry.code == 2
    assert grafana.fake.writes == []
    done = grafana.publish(IKM_ALERT_EMAIL=None)  # type: ignore[arg-type]
    assert dry.text == done.text.replace("7 created", "dry run: 7 created")


def test_what_is_there_already_keeps_nothing_waiting(grafana: Commands) -> None:
    assert grafana.publish().code == 0
    write_alerting(grafana.folder, "aturan", groups=[{**RULES, "interval": "90s"}])
    said = grafana.publish("--overwrite", IKM_ALERT_EMAIL=None)  # type: ignore[arg-type]
    assert said.code == 2
    assert "rule group IKM operasi: changed" in said.text


def test_alerts_of_a_folder_in_others_are_routed_by_its_path(grafana: Commands) -> None:
    grafana.fake.boards.folders["ikm"] = "IKM / kota"
    grafana.fake.boards.above = ["Dinas", "Mutu"]
    assert grafana.publish().code == 0
    ours, *_ = grafana.fake.alerting.tree["routes"]
    assert ours["object_matchers"] == [["grafana_folder", "=", r"Dinas/Mutu/IKM \/ kota"]]
    assert grafana.diff().code == 0


def test_what_only_begins_like_ours_is_somebody_elses(grafana: Commands) -> None:
    assert grafana.publish().code == 0
    points = grafana.fake.alerting.points
    points["ikmal-1"] = {**points["ikm-surel"], "uid": "ikmal-1", "name": "Ikmal"}
    assert grafana.diff().code == 0


def test_the_policies_of_others_stay(grafana: Commands) -> None:
    theirs = {"receiver": "grafana-default-email", "object_matchers": [["team", "=", "jalan"]]}
    tree = grafana.fake.alerting.tree
    tree["routes"] = [theirs]
    before = dict(tree)
    assert grafana.publish().code == 0
    after = grafana.fake.alerting.tree
    assert {**after, "routes": None} == {**before, "routes": None}, "the root, and open to people as it was"
    ours, kept = after["routes"]
    assert kept == theirs
    assert ours["object_matchers"] == [["grafana_folder", "=", "IKM"]]
    assert ours["routes"][0]["mute_time_intervals"] == [MUTE]


def test_a_dry_run_says_what_would_be_and_writes_nothing(grafana: Commands) -> None:
    dry = grafana.publish("--dry-run")
    assert (dry.code, dry.text.splitlines()[-1]) == (1, f"dry run: {ALL_NEW}")
    assert grafana.fake.writes == []
    assert grafana.publish().code == 0
    grafana.fake.calls.clear()
    write_board(grafana.folder, board("unit", "Unit layanan"))
    dry = grafana.publish("--dry-run")
    assert (dry.code, dry.text.splitlines()[0]) == (1, "dashboard ikm-unit: changed")
    assert grafana.fake.writes == []
    write_board(grafana.folder, board("unit", "Unit"))
    assert grafana.publish("--dry-run").code == 0


@pytest.mark.parametrize("conflict", [409, 412])
def test_a_changed_file_changes_its_board_alone(serve, conflict: int) -> None:
    grafana = serve(conflict=conflict)
    write_board(grafana.folder, board("unit", "Unit"))
    write_board(grafana.folder, board("operasi", "Operasi"))
    assert grafana.publish().code == 0
    for number, title in enumerate(["Unit layanan", "Unit pelayanan"], start=2):
        write_board(grafana.folder, board("unit", title))
        said = grafana.publish()
        assert (said.code, said.text.splitlines()[0]) == (0, "dashboard ikm-unit: changed")
        assert grafana.fake.boards.versions["ikm-unit"][0]["version"] == number
    assert grafana.fake.boards.versions["ikm-operasi"][0]["version"] == 1


def test_a_rule_that_left_its_group_leaves_the_server(grafana: Commands) -> None:
    assert grafana.publish().code == 0
    write_alerting(grafana.folder, "aturan", groups=[{**RULES, "rules": RULES["rules"][:1]}])
    assert "rule group IKM operasi: changed" in grafana.publish().text
    assert [rule["uid"] for rule in grafana.fake.rules.groups["ikm", "IKM operasi"]["rules"]] == ["ikm-segar"]


def test_what_left_the_files_stays_and_is_told(grafana: Commands) -> None:
    assert grafana.publish().code == 0
    (grafana.folder / "dashboards" / "unit.json").unlink()
    said = grafana.publish()
    assert said.code == 0
    assert "note: dashboard ikm-unit is on the server and not in the files; it stays" in said.text
    assert "ikm-unit" in grafana.fake.boards.specs


def test_one_broken_board_keeps_no_other_from_it(grafana: Commands) -> None:
    (grafana.folder / "dashboards" / "rusak.json").write_text("{", "utf-8")
    write_board(grafana.folder, board("cepat", "Terlalu cepat") | {"refresh": "1s"})
    (grafana.folder / "dashboards" / "asing.json").write_text(json.dumps(board("lain", "Lain")), "utf-8")
    said = grafana.publish()
    assert said.code == 2
    assert "rusak.json is not readable JSON" in said.text
    assert "asing.json must be a dashboard with a title and the uid ikm-asing, not 'ikm-lain'" in said.text
    assert "dashboard ikm-cepat: failed: POST" in said.text
    assert "answers 400: Dashboard refresh interval is too low" in said.text
    assert said.text.splitlines()[-1] == f"{COUNT + 1} created, 0 changed, 0 unchanged, 0 conflict, 3 failed"


def test_alerting_that_would_be_lost_on_the_way_is_refused(grafana: Commands) -> None:
    rule = {**RULES["rules"][0], "uid": "ikm-lain", "cadence": 3}
    write_alerting(grafana.folder, "a", groups=[{**RULES, "name": "Lain", "rules": [rule]}])
    write_alerting(grafana.folder, "b", deleteRules=[{"orgId": 1, "uid": "x"}])
    write_alerting(grafana.folder, "c", templates=[{"orgId": 1, "name": "ikm.pesan", "template": "lain"}])
    said = grafana.publish()
    assert said.code == 2
    assert "a.yaml: groups[0].rules[0] has cadence, which is not published" in said.text
    assert "b.yaml has deleteRules, which is not published" in said.text
    assert "template ikm.pesan stands in" in said.text


def test_a_data_source_that_is_not_there_is_told(grafana: Commands) -> None:
    grafana.fake.boards.sources.clear()
    said = grafana.publish()
    assert said.code == 0
    assert "note: this Grafana has no data source ikm-clickhouse, which boards or rules ask" in said.text


def test_below_a_path_and_into_another_folder(serve) -> None:
    grafana = serve(prefix="/statistik/grafana")
    write_board(grafana.folder, board("unit", "Unit"))
    assert grafana.publish("--folder-uid", "layanan").code == 0
    assert grafana.fake.boards.places == {"ikm-unit": "layanan"}
    assert grafana.fake.boards.specs["ikm-unit"]["timezone"] == ZONE
