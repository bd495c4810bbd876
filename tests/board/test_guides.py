"""What the guides in docs/ name exists in the program."""

import ast
import json
import re
import shlex
from pathlib import Path
from typing import get_args

import click
import pytest

from api.board import freshness
from api.login import DAYS_30_S
from cli.main import main
from ikm.figure import HIDDEN_BELOW, PROVISIONAL_BELOW, Tier
from ikm.frame import STEP
from ikm.index import INDICES
from ikm.own_period import DEFAULT_GRACE_DAYS
from ikm.questionnaire import QUESTIONNAIRES, latest
from ikm.statistics import sample_size

ROOT = Path(__file__).parents[2]
GUIDES = {path.stem: path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")}
READERS = ("panduan-operator", "panduan-responden", "glosarium")
SPANS = [(name, span) for name, text in GUIDES.items() for span in re.findall(r"`([^`\n]+)`", text)]
METHODS = "GET|POST|PUT|DELETE"


def those(pattern: str) -> list[tuple[str, str]]:
    """Guide and code span, for every span of a form, each once."""
    found = list(dict.fromkeys((name, span) for name, span in SPANS if re.fullmatch(pattern, span)))
    assert found, pattern
    return found


def parse(words: list[str]) -> None:
    """Let click parse a command to its last option, without running it."""
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"no command {words[0]}"
        command, words = found, words[1:]
    if words != ["--help"]:
        assert not isinstance(command, click.Group), f"{command.name} needs a command"
        command.make_context(command.name, words)


@pytest.mark.parametrize(("guide", "line"), those(r"ikm .+"))
def test_every_command_parses(guide: str, line: str) -> None:
    words = shlex.split(line)[1:]
    if words != ["…"]:
        parse(words)


@pytest.mark.parametrize("line", ["ikm impor x", "ikm import x --unit u --dryrun", "ikm keys", "ikm import x"])
def test_a_command_that_is_not_there_is_found(line: str) -> None:
    with pytest.raises((AssertionError, click.UsageError)):
        parse(shlex.split(line)[1:])


@pytest.mark.parametrize(("guide", "option"), those(r"--[a-z-]+( .+)?"))
def test_an_option_without_its_command_is_one_of_import(guide: str, option: str) -> None:
    command = main.get_command(click.Context(main), "import")
    assert command is not None
    assert option.split(maxsplit=1)[0] in {name for parameter in command.params for name in parameter.opts}


@pytest.mark.parametrize(("guide", "route"), those(rf"({METHODS}) /.+|/health/.+"))
def test_every_address_is_served(guide: str, route: str) -> None:
    paths = json.loads((ROOT / "contracts" / "openapi.json").read_text("utf-8"))["paths"]
    method, _, path = route.rpartition(" ")
    assert (method or "GET").lower() in paths[path]


def known_words() -> set[str]:
    """The words that the program sends and takes: texts in its source without a space, fields of its classes."""
    words = {code for index in INDICES.values() for code in (index.code, *(line.code for line in index.lines))}
    words |= {conversion.name for index in INDICES.values() for conversion in index.conversions}
    words |= {text for form in QUESTIONNAIRES.values() for text in (form.id, *form.by_code)}
    words |= {f"u{u}" for u in range(1, 10)}
    for folder in ("ikm", "runtime", "producers", "api"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
                    words.add(node.value)
                elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    words.add(node.target.id)
    return words


def test_every_word_of_the_api_is_known() -> None:
    words = {span for name, span in SPANS if name in READERS and re.fullmatch(r"[a-z0-9_.]+", span)}
    assert words - known_words() - {"code"} == set()


@pytest.mark.parametrize("guide", ["panduan-operator", "glosarium"])
def test_every_tier_and_status_is_explained(guide: str) -> None:
    missing = {word for word in (*get_args(Tier), "berjalan", "beku") if f"`{word}`" not in GUIDES[guide]}
    assert not missing


def test_what_stands_in_quotes_is_on_the_board() -> None:
    board = ROOT / "api" / "board"
    drawn = "\n".join(
        path.read_text("utf-8") for path in board.rglob("*") if path.suffix in {".py", ".html", ".js", ".toml"}
    )
    quoted = {text for name in READERS for text in re.findall("“([^”…]+)”", GUIDES[name])}
    assert len(quoted) > len(get_args(Tier))
    assert {text for text in quoted if text not in drawn} == set()


@pytest.mark.parametrize(
    ("guide", "says"),
    [
        ("panduan-operator", f"kurang dari {HIDDEN_BELOW} jawaban"),
        ("panduan-operator", f"{HIDDEN_BELOW}\N{EN DASH}{PROVISIONAL_BELOW - 1} jawaban"),
        ("panduan-operator", f"mulai {PROVISIONAL_BELOW} jawaban"),
        ("panduan-operator", f"populasi 500: {sample_size(500)} jawaban"),
        ("panduan-operator", f"dalam {DEFAULT_GRACE_DAYS} hari"),
        ("panduan-operator", f"lebih dari {freshness.LATE_MS // 1000} detik"),
        ("panduan-operator", f"selama {DAYS_30_S // 86_400} hari"),
        ("panduan-responden", f"Mulai {HIDDEN_BELOW} jawaban"),
        ("panduan-responden", f"sedikitnya **{STEP} jawaban** berbeda"),
        ("glosarium", f"fewer than {HIDDEN_BELOW} answers"),
        ("glosarium", f"only when {STEP} answers or more differ"),
    ],
)
def test_every_number_is_that_of_the_rules(guide: str, says: str) -> None:
    assert says in GUIDES[guide]


@pytest.mark.parametrize(
    ("form", "items", "says"), [("skm", 9, "sembilan hal"), ("ipkp", 8, "8 pernyataan"), ("ipak", 5, "5 pernyataan")]
)
def test_the_respondent_is_told_how_many_questions(form: str, items: int, says: str) -> None:
    assert len(QUESTIONNAIRES[latest(form)].items) == items
    assert says in GUIDES["panduan-responden"]


@pytest.mark.parametrize(("guide", "path"), those(r"[\w./-]+/[\w.-]+"))
def test_every_file_is_there(guide: str, path: str) -> None:
    assert path.startswith("/") or (ROOT / path).exists()


def test_every_link_leads_somewhere() -> None:
    for text in GUIDES.values():
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert (ROOT / "docs" / target).exists(), target
