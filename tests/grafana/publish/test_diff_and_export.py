"""`diff` tells every field; after publish it is empty, and after export as well."""

import json

import pytest
import yaml

from tests.grafana.publish.commands import Commands
from tests.grafana.publish.committed import COUNT, RULES, ZONE, write_all


@pytest.fixture
def published(grafana: Commands) -> Commands:
    assert grafana.publish().code == 0
    grafana.fake.calls.clear()
    return grafana


def test_published_is_equal(published: Commands) -> None:
    said = published.diff()
    assert (said.code, said.text) == (0, f"equal: {COUNT} things\n")
    assert published.fake.writes == []


def test_an_empty_server_has_nothing(grafana: Commands) -> None:
    said = grafana.diff()
    assert said.code == 1
    assert "folder IKM: only in the files" in said.text
    assert "dashboard ikm-unit: only in the files" in said.text
    assert said.text.splitlines()[-1] == f"{COUNT + 1} differences"


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (
            lambda fake: fake.boards.specs["ikm-unit"]["panels"][2]["panels"][0].update(title="Lain"),
            "dashboard ikm-unit: panels[id=2].panels[id=3].title: committed Unsur, server Lain",
        ),
        (
            lambda fake: fake.boards.specs["ikm-unit"]["panels"].insert(0, {"id": 9, "type": "text"}),
            'dashboard ikm-unit: panels[id=9]: committed absent, server {"id": 9, "type": "text"}',
        ),
        (
            lambda fake: fake.boards.specs["ikm-unit"]["panels"][0]["gridPos"].update(y=1),
            "dashboard ikm-unit: panels[id=1].gridPos.y: committed 0, server 1",
        ),
        (
            lambda fake: fake.rules.groups["ikm", "IKM operasi"]["rules"].reverse(),
            (
                'rule group IKM operasi: rules (order): committed ["ikm-segar", "ikm-detak"], '
                'server ["ikm-detak", "ikm-segar"]'
            ),
        ),
        (
            lambda fake: fake.boards.specs["ikm-unit"].update(timezone="browser"),
            f"dashboard ikm-unit: timezone: committed {ZONE}, server browser",
        ),
        (
            lambda fake: fake.boards.specs["ikm-unit"].update(editable=False),
            "dashboard ikm-unit: editable: committed absent, server false",
        ),
        (
            lambda fake: fake.rules.groups["ikm", "IKM operasi"]["rules"][0].update({"for": "5m"}),
            "rule group IKM operasi: rules[uid=ikm-segar].for: committed 120.0, server 300.0",
        ),
        (
            lambda fake: fake.rules.groups["ikm", "IKM operasi"]["rules"][0]["data"][0]["model"].update(format=2),
            "rule group IKM operasi: rules[uid=ikm-segar].data[refId=A].model.format: committed 1, server 2",
        ),
        (
            lambda fake: fake.alerting.points["ikm-kait"].update(disableResolveMessage=False),
            "contact point ikm-kait: disableResolveMessage: committed true, server false",
        ),
        (
            lambda fake: fake.alerting.tree["routes"][0]["routes"][0].update(group_wait="2m"),
            "notification policies tree: routes[0].group_wait: committed 60.0, server 120.0",
        ),
        (
            lambda fake: fake.boards.store("ikm-lama", fake.boards.specs["ikm-unit"], "ikm", "budi", ""),
            "dashboard ikm-lama: only on the server",
        ),
    ],
)
def test_each_difference_is_told(published: Commands, spoil, line: str) -> None:
    spoil(published.fake)
    said = published.diff()
    assert (said.code, said.text.splitlines()[0]) == (1, line)


def test_what_cannot_be_compared_is_not_equal(published: Commands) -> None:
    (published.folder / "dashboards" / "rusak.json").write_text("{", "utf-8")
    said = published.diff()
    assert said.code == 2
    assert "rusak.json is not readable JSON" in said.text


def test_export_of_what_was_published_changes_no_file_but_the_zone(published: Commands) -> None:
    before = published.text_of()
    said = published.export("--dry-run")
    assert (said.code, said.text.splitlines()[-1]) == (1, "2 files would be written")
    assert published.text_of() == before
    assert published.export().code == 0
    assert published.text_of() == {name: text.replace("Asia/Jakarta", ZONE) for name, text in before.items()}
    assert published.export().text == "0 files written\n"
    assert published.fake.writes == []


def test_a_change_by_hand_comes_home(published: Commands) -> None:
    published.export()
    before = published.text_of()
    fake = published.fake
    fake.boards.by_hand("ikm-unit", title="Unit layanan")
    fake.rules.groups["ikm", "IKM operasi"]["rules"][0].update({"for": "5m", "title": "Terlambat $ sekali"})
    fake.alerting.tree["routes"][0]["repeat_interval"] = "6h"
    fake.alerting.points["ikm-kait"]["settings"]["url"] = "http://127.0.0.1/$baru"
    fake.alerting.templates["ikm.pesan"]["template"] = '{{ define "ikm.pesan" }}Nilai $6{{ end }}'
    assert published.diff().code == 1
    said = published.export()
    assert said.code == 0, said.text
    assert (published.diff().code, published.publish("--dry-run").code) == (0, 0)
    after = published.text_of()
    assert {name for name in after if after[name] != before[name]} == {
        "dashboards/unit.json", "provisioning/alerting/aturan.yaml", "provisioning/alerting/kebijakan.yaml",
        "provisioning/alerting/lain.yaml", "provisioning/alerting/titik-kontak.yaml",
    }  # fmt: skip
    assert json.loads(after["dashboards/unit.json"])["title"] == "Unit layanan"
    assert "id" not in json.loads(after["dashboards/unit.json"])
    policies = yaml.safe_load(after["provisioning/alerting/kebijakan.yaml"])["policies"]
    assert policies[0]["routes"][0]["mute_time_intervals"] == ["IKM di luar jam kerja ${IKM_ALERT_ZONE}"]
    [group] = yaml.safe_load(after["provisioning/alerting/aturan.yaml"])["groups"]
    changed = {"for": "300s", "title": "Terlambat $$ sekali"}
    assert group == {**RULES, "rules": [RULES["rules"][0] | changed, RULES["rules"][1]]}
    [point] = yaml.safe_load(after["provisioning/alerting/titik-kontak.yaml"])["contactPoints"]
    assert [receiver["settings"] for receiver in point["receivers"]] == [
        {"addresses": "${IKM_ALERT_EMAIL}"},
        {"url": "http://127.0.0.1/$$baru", "password": "$IKM_ALERT_PASSWORD"},
    ]


def test_export_into_an_empty_folder_can_be_published_elsewhere(published: Commands, serve) -> None:
    published.fake.boards.store("ikm-baru", published.fake.boards.specs["ikm-unit"], "ikm", "budi", "")
    elsewhere = published.folder.parent / "baru"
    said = published.export("--dir", str(elsewhere))
    assert said.code == 0, said.text
    assert sorted(file.name for file in elsewhere.rglob("*.*")) == [
        "baru.json", "exported.yaml", "operasi.json", "unit.json",
    ]  # fmt: skip
    points = yaml.safe_load((elsewhere / "provisioning/alerting/exported.yaml").read_text("utf-8"))["contactPoints"]
    assert points[0]["receivers"][1]["settings"]["password"] == "${IKM_KAIT_SETTINGS_PASSWORD}"
    assert "[REDACTED]" not in (elsewhere / "provisioning/alerting/exported.yaml").read_text("utf-8")


def test_what_the_server_does_not_have_stays_in_the_files(grafana: Commands) -> None:
    grafana.fake.boards.folders["ikm"] = "IKM"
    before = grafana.text_of()
    said = grafana.export()
    assert said.code == 0
    assert "dashboard ikm-unit: not on the server; the file stays" in said.text
    assert "rule group IKM operasi: not on the server; the file keeps it" in said.text
    assert grafana.text_of() == before


def test_a_folder_that_is_not_there_is_not_exported(serve) -> None:
    grafana = serve()
    write_all(grafana.folder)
    said = grafana.export()
    assert said.code == 2
    assert "has no folder 'IKM'" in said.text


def test_what_grafanas_model_makes_of_a_board_is_no_difference(serve) -> None:
    grafana = serve(converts=True)
    write_all(grafana.folder)
    assert grafana.publish().code == 0
    assert grafana.publish().text.startswith(f"0 created, 0 changed, {COUNT} unchanged")
    assert grafana.diff().text == f"equal: {COUNT} things\n"
    before = grafana.text_of()
    assert grafana.export("--zone", ZONE, "--dry-run").code == 1, "the zone alone"
    grafana.fake.boards.specs["ikm-unit"]["panels"][0]["title"] = "Lain"
    assert grafana.diff().text.splitlines()[:-1] == [
        "dashboard ikm-unit: panels[id=1].title: committed Nilai IKM, server Lain"
    ]
    assert grafana.export().code == 0
    assert grafana.diff().code == 0
    assert '"title": "Lain"' in grafana.text_of()["dashboards/unit.json"]
    assert '"title": "Lain"' not in before["dashboards/unit.json"]
