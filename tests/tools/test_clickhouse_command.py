"""`ikm clickhouse users`: what it prints, and whom it turns away."""

import hashlib
import re

import pytest
from click.testing import CliRunner, Result

from cli.main import main

PASSWORDS = {"IKM_GRAFANA_PASSWORD": "rahasia dapur", "IKM_PUBLIC_PASSWORD": "papan"}


def users(*arguments: str, **env: str) -> Result:
    with CliRunner().isolated_filesystem():
        return CliRunner().invoke(main, ["clickhouse", "users", *arguments], env=env)


def test_it_prints_sql_that_holds_no_password() -> None:
    printed = users("--print", **PASSWORDS)
    assert printed.exit_code == 0, printed.output
    assert not any(password in printed.output for password in PASSWORDS.values())
    hashed = re.findall(r"USER OR REPLACE (\w+) .* BY '(\w+)' SALT '(\w+)'", printed.output)
    said = {name: (password_hash, salt) for name, password_hash, salt in hashed}
    for name, password in (("ikm_grafana", "rahasia dapur"), ("ikm_public", "papan")):
        password_hash, salt = said[name]
        assert hashlib.sha256((password + salt).encode()).hexdigest() == password_hash
    assert all(line.endswith(";") for line in printed.output.splitlines())


@pytest.mark.parametrize("missing", PASSWORDS)
def test_it_names_the_password_that_is_missing(missing: str) -> None:
    refused = users("--print", **{**PASSWORDS, missing: ""})
    assert refused.exit_code == 1
    assert f"{missing} not set" in refused.output


def test_an_embedded_engine_has_no_users() -> None:
    refused = users(**PASSWORDS)
    assert refused.exit_code == 1
    assert "chdb://" in refused.output
    assert "--print" in refused.output


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    refused = users(**PASSWORDS, IKM_CLICKHOUSE="http://ikm:geheim@127.0.0.1:9")
    assert refused.exit_code == 1
    assert "geheim" not in refused.output
    assert "cannot be opened" in refused.output
