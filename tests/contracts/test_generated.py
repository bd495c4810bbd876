import json
import subprocess
import sys

import pytest

from cli.contracts.files import FOLDER, differing, generate, write


def test_the_committed_contracts_are_what_the_code_says() -> None:
    differing_files = differing(generate())
    assert not differing_files, (
        f"{', '.join(f'contracts/{name}' for name in differing_files)} differ from what the code says: run "
        "`make contracts`, look at the difference as whoever depends on it will, and commit it"
    )


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_same_code_gives_the_same_text_in_every_process(seed: str) -> None:
    code = "import json; from cli.contracts.files import generate; print(json.dumps(generate()))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, cwd=FOLDER.parent
    )
    assert json.loads(done.stdout) == generate()


def test_a_difference_is_named(tmp_path) -> None:
    write({"a.json": "1\n", "schemas/b.json": "2\n", "schemas/c.json": "3\n"}, tmp_path)
    write({"a.json": "1\n", "schemas/b.json": "2\n"}, tmp_path)
    assert not (tmp_path / "schemas" / "c.json").exists()
    (tmp_path / "old.json").touch()
    assert differing({"a.json": "1\n", "schemas/b.json": "9\n", "new.json": ""}, tmp_path) == [
        "new.json", "old.json", "schemas/b.json",
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(generate()))
def test_no_host_and_no_path_of_this_machine_is_in_it(name: str) -> None:
    text = generate()[name]
    assert str(FOLDER.parent) not in text
    assert "127.0.0.1" not in text
