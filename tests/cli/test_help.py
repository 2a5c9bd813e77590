"""Help says all: each command under a heading in a whole sentence, each option with what it takes."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from api.cli import main
from api.cli.options import MOMENT
from tests.cli.conftest import poolbook


def commands(group: click.Group, *names: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, one in group.commands.items():
        yield (*names, name), one
        if isinstance(one, click.Group):
            yield from commands(one, *names, name)


ALL = dict(commands(main))


def test_every_command_is_listed_once_with_a_whole_sentence() -> None:
    listed = [name for names in main.sections().values() for name in names]
    assert sorted(listed) == sorted(main.commands)
    for names in [(), *(names for names, one in ALL.items() if isinstance(one, click.Group))]:
        told = poolbook(*names, "--help").stdout.splitlines()[1:]
        assert not [line for line in told if line.endswith("...")], names


@pytest.mark.parametrize("names", ALL, ids=" ".join)
def test_every_option_says_what_it_takes(names: tuple[str, ...]) -> None:
    told = " ".join(poolbook(*names, "--help").stdout.split())
    for option in ALL[names].params:
        if isinstance(option, click.Option):
            assert option.help, option.name
            assert option.type is click.BOOL or option.metavar != "TIME" or MOMENT in told, option.name
            assert option.type.name != "text" or option.metavar, f"{option.name} names what is to be given"


def test_help_of_commands_that_take_a_period_shows_one() -> None:
    for names, one in ALL.items():
        if any(each.name == "period" for each in one.params):
            assert "FY2024-Q1" in poolbook(*names, "--help").stdout, names


def test_the_first_steps_that_help_names_are_commands() -> None:
    steps = [line.split() for line in poolbook("--help").stdout.splitlines() if line.startswith("  " * 2 + "poolbook ")]
    assert len(steps) == 6
    for _, name, *_rest in steps:
        assert name in main.commands
