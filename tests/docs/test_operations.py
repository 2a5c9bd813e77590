"""The pages for those who run a server say what is: settings, errors, commands, and what an image is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from api.cli import main
from api.settings import Settings, from_environment, reference
from tests.errors.page import page
from tests.errors.test_catalogue import CLASSES, RAISED

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
OPERATIONS, SECURITY, DOCKERFILE = DOCS / "operations.md", ROOT / "SECURITY.md", ROOT / "Dockerfile"
PAGES = (OPERATIONS, SECURITY, ROOT / "README.md")
ELSEWHERE = {"POOLBOOK_KEY"}  # of the command line, not of a server


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_setting_is_documented_and_none_besides() -> None:
    assert read(DOCS / "settings.md") == reference(), "python -m api.settings > docs/settings.md"
    listed = re.findall(r"^\| `(POOLBOOK_\w+)` \| .+ \| (.+) \|$", read(DOCS / "settings.md"), re.MULTILINE)
    assert [name for name, _ in listed] == [one.metadata["variable"] for one in fields(Settings)]
    assert all(len(meaning) > 20 for _, meaning in listed)


@pytest.mark.parametrize("path", [*PAGES, DOCKERFILE], ids=lambda path: path.name)
def test_no_setting_is_named_that_there_is_not(path: Path) -> None:
    known = {one.metadata["variable"] for one in fields(Settings)} | ELSEWHERE
    assert set(re.findall(r"POOLBOOK_[A-Z_]*[A-Z]", read(path))) <= known


def test_a_default_is_what_its_text_is_read_as() -> None:
    """Each default, written into the environment as the page shows it, is read back as the default."""
    shown = {name: "" if text == "none" else text.strip("`") for name, text in re.findall(
        r"^\| `(POOLBOOK_\w+)` \| (.+?) \|", read(DOCS / "settings.md"), re.MULTILINE)}
    assert from_environment(shown) == Settings()


def test_the_catalogue_of_errors_is_current_and_complete() -> None:
    kept = read(DOCS / "errors.md")
    assert kept == page(CLASSES, read(RAISED)), "python -m tests.errors.renew"
    assert re.findall(r"^## (.+)$", kept, re.MULTILINE) == [kind.code for kind in CLASSES]
    assert kept.count("```") == 2 * len(CLASSES), "each with how it reads"


def _commands(text: str) -> Iterator[list[str]]:
    """Every call of `poolbook` in a page: after a prompt or on a line of its own, in a block or between backticks."""
    plain = text.replace("\\\n", " ")
    lines = [*re.findall(r"^(?:    |CMD |RUN |\$ )(.*)$", plain, re.MULTILINE),
             *re.findall(r"`(poolbook [^`]+)`", plain)]
    for line in lines:
        for part in re.split(r"&&|\||;|\$\(", line.split("#")[0].replace("…", "")):
            words = [word.rpartition("/")[2] for word in re.sub(r"""[\["',\])]""", " ", part).split()]
            if "poolbook" in words[:3] and "=" not in words[0]:
                yield words[words.index("poolbook") + 1:]


@pytest.mark.parametrize("path", [ROOT / "README.md", SECURITY, DOCKERFILE, *sorted(DOCS.glob("*.md"))],
                         ids=lambda path: path.name)
def test_the_commands_that_are_told_exist(path: Path) -> None:
    found = list(_commands(read(path)))
    assert found or path not in (OPERATIONS, DOCKERFILE, ROOT / "README.md")
    for words in found:
        command: click.Command = main
        for word in words:
            if not isinstance(command, click.Group) or word.startswith("--"):
                break
            assert word in command.commands, f"poolbook {' '.join(words)}"
            command = command.commands[word]
        known = {option for one in command.params for option in one.opts} | {"--help"}
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= known, f"poolbook {' '.join(words)}"


def test_an_image_is_made_of_what_there_is() -> None:
    text = read(DOCKERFILE)
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for name in copied.split():
            assert (ROOT / name).exists(), name
    packages = {path.parent.name for path in ROOT.glob("*/py.typed")}
    assert packages <= set(re.findall(r"[\w./-]+", text)), "every package is copied"
    assert "--require-hashes" in text
    assert re.search(r"^USER (?!root|0)\S+$", text, re.MULTILINE), "it does not run as root"
    assert "HEALTHCHECK" in text
    assert not re.search(r"https?://(?!127\.0\.0\.1|localhost)|--index-url|--extra-index", text), "no address in it"
