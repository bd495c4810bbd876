"""Whatever goes wrong is one line with the cure, exit code 2, and nothing is written."""

import threading

import pytest

from grafana.publish.errors import PublishError
from grafana.publish.server import Server
from tests.grafana.fake import TOKEN, VIEWER
from tests.grafana.publish.commands import Commands, token_file

HTML = ({"Content-Type": "text/html"}, "<html>Masuk</html>")


def refused(said, *parts: str) -> None:
    assert said.code == 2, said.text
    for part in parts:
        assert part in said.text
    assert TOKEN not in said.text
    assert "Traceback" not in said.text


@pytest.mark.parametrize("name", ["publish", "diff", "export"])
def test_a_token_that_is_not_known(grafana: Commands, name: str) -> None:
    token_file(grafana.token_file.parent, "glsa_wrong")
    refused(grafana.run(name), "answers 401: Invalid API key; the token is not known there")
    assert grafana.fake.writes == []


def test_a_token_that_may_only_look(grafana: Commands) -> None:
    token_file(grafana.token_file.parent, VIEWER)
    refused(grafana.publish(), "answers 403: You'll need additional permissions", "give it the role Admin")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "does not hold one secret on one line: put the token"),
        ("two\nlines", "does not hold one secret on one line"),
    ],
)
def test_a_token_file_that_is_none(grafana: Commands, text: str, part: str) -> None:
    token_file(grafana.token_file.parent, text)
    refused(grafana.publish(), f"--token-file {grafana.token_file}", part)
    assert grafana.fake.calls == []


@pytest.mark.parametrize("mode", [0o644, 0o640])
def test_a_token_file_that_others_may_read_is_told(grafana: Commands, mode: int) -> None:
    """Containers are given secrets in such files, and may not change them."""
    token_file(grafana.token_file.parent, mode=mode)
    said = grafana.publish()
    assert said.code == 0
    assert f"note: --token-file {grafana.token_file} has mode {mode:04o}, so others may read" in said.text


def test_no_token_file(grafana: Commands) -> None:
    grafana.token_file.unlink()
    refused(grafana.publish(), "cannot be read (No such file or directory): put the token of a service account")


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("grafana.example", "--url is 'grafana.example': give Grafana's own address"),
        ("ftp://grafana.example", "give Grafana's own address"),
        ("http://admin:rahasia@127.0.0.1:1", "leave them out"),
        ("http://127.0.0.1:99999", "its port is not one"),
        ("http://127.0.0.1:1", "not to be reached"),
    ],
)
def test_an_address_that_is_none(grafana: Commands, url: str, part: str) -> None:
    said = grafana.publish("--url", url)
    refused(said, part)
    assert "rahasia" not in said.text


@pytest.mark.parametrize("version", ["12.4.1", "9.5.21"])
def test_a_grafana_that_is_too_old(serve, grafana: Commands, version: str) -> None:
    grafana.fake.version = version
    refused(grafana.publish(), f"is Grafana {version}, and the boards need 13 or later", "update Grafana")
    assert grafana.fake.writes == []


def test_a_grafana_that_keeps_its_version_to_itself(grafana: Commands) -> None:
    grafana.fake.version = None
    assert grafana.publish().code == 0


def test_a_redirect_is_not_followed(grafana: Commands) -> None:
    grafana.fake.before = lambda _, path: (302, {"Location": f"https://grafana.example{path}"}, "")
    refused(grafana.publish(), "is redirected to 'https://grafana.example/api/health': give that --url")


def test_a_redirect_of_writes_alone_is_not_followed(grafana: Commands) -> None:
    """A POST that becomes a GET would answer 200."""
    grafana.fake.before = lambda method, path: (301, {"Location": path}, "") if method == "POST" else None
    refused(grafana.publish(), "POST", "is redirected to")


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ((200, *HTML), "the answer is not JSON, so this is not Grafana's API: is --url right?"),
        ((200, {}, '{"status": "ok"}'), "/api/health is not Grafana's"),
        ((404, *HTML), "answers 404: '<html>Masuk</html>': is --url Grafana's own address?"),
        ((404, {}, "null"), "answers 404: null"),
        ((502, *HTML), "answers 502: '<html>Masuk</html>'"),
        ((503, {}, '{"database": "failing"}'), "answers 503: {'database': 'failing'}"),
        ((500, {}, "[1]"), "answers 500: a list of 1"),
        ((401, {}, ""), "answers 401: nothing more; the token is not known there"),
    ],
)
def test_answers_that_are_none(grafana: Commands, answer, part: str) -> None:
    grafana.fake.before = lambda *_: answer
    refused(grafana.diff(), part)


def test_plain_http_behind_https(grafana: Commands) -> None:
    refused(grafana.diff("--url", grafana.url.replace("http:", "https:")), "TLS fails", "is it https there?")


def test_no_answer_in_time(grafana: Commands) -> None:
    done = threading.Event()
    grafana.fake.before = lambda *_: done.wait(30) and None
    try:
        with pytest.raises(PublishError, match=r"no answer within 0\.2 s"):
            Server(grafana.url, TOKEN, timeout_s=0.2).check()
    finally:
        done.set()


def test_an_empty_folder(serve) -> None:
    commands = serve()
    refused(commands.publish(), "holds no dashboards and no alerting: name the folder with --dir")
