"""What the command line says of itself: help without a wait, and the schema of agreements, by which examples stand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from api.cli import main
from commissioning.agreement.schema import agreement_schema
from tests.cli.conftest import AGREEMENT, poolbook

ROOT = Path(__file__).parents[2]
HEAVY = ("sqlalchemy", "alembic", "pydantic", "reportlab", "openpyxl", "jinja2", "fastapi", "uvicorn", "yaml")


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command by the words that call it."""
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


COMMANDS = list(commands(main))
GROUPS = {words[:-1] for words in COMMANDS if len(words) > 1}


def test_the_commands_of_the_contract_are_there() -> None:
    wanted = "run init apply import close reopen statement verify export schema serve key"
    assert set(wanted.split()) <= set(main.commands)


@pytest.mark.parametrize("words", [(), *COMMANDS], ids=" ".join)
def test_each_command_explains_itself(words: tuple[str, ...]) -> None:
    result = poolbook(*words, "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: {' '.join(('poolbook', *words))}")
    assert result.stdout == poolbook(*words, "-h").stdout


@pytest.mark.parametrize("words", [words for words in COMMANDS if words not in GROUPS], ids=" ".join)
def test_each_command_speaks_json_and_names_its_database(words: tuple[str, ...]) -> None:
    told = poolbook(*words, "--help").stdout
    assert "--json" in told
    assert "--database" in told or words == ("schema",)


def test_help_waits_for_no_library() -> None:
    """`poolbook --help`, and what a shell's completion asks for, import none of what takes long to import."""
    asked = ("import sys\nfrom api.cli import main\n"
             "for words in (['--help'], ['run', '--help'], ['serve', '--help'], ['--version']):\n"
             "    try: main(words)\n    except SystemExit as end: assert not end.code\n"
             f"print(*(name for name in {HEAVY} if name in sys.modules), file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "Usage:" in done.stdout
    assert done.stderr.split() == []


# ---------------------------------------------------------------------------------------------------- the JSON Schema

SCHEMA = agreement_schema()
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "number": (int, float), "integer": (int,),
    "boolean": (bool,), "null": (type(None),)}


def wrong(value: Any, schema: Any, path: str = "") -> list[str]:
    """Where a value is not what a schema asks for, by the few words of JSON Schema that ours uses."""
    if schema is True:
        return []
    if "$ref" in schema:
        return wrong(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], path)
    if "anyOf" in schema or "oneOf" in schema:
        found = [wrong(value, one, path) for one in schema.get("anyOf", schema.get("oneOf"))]
        return [] if [] in found else min(found, key=len)
    types = schema.get("type", list(TYPES))
    fits = tuple(kind for name in ([types] if isinstance(types, str) else types) for kind in TYPES[name])
    if not isinstance(value, fits) or (isinstance(value, bool) and bool not in fits):
        return [f"{path}: {value!r} is no {types}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{path}: {value!r} is none of {schema['enum']}"]
    if "const" in schema and value != schema["const"]:
        return [f"{path}: {value!r} is not {schema['const']!r}"]
    if isinstance(value, list):
        return [one for i, item in enumerate(value) for one in wrong(item, schema.get("items", True), f"{path}[{i}]")]
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        found = [f"{path}: {key} is missing" for key in schema.get("required", ()) if key not in value]
        for key, item in value.items():
            if key not in known and others is False:
                found.append(f"{path}.{key}: not known")
            else:
                found += wrong(item, known.get(key, others), f"{path}.{key}")
        return found
    return []


def as_json(path: Path) -> Any:
    """An agreement as an editor hands it to a schema: days are text."""
    return json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=str))


@pytest.mark.parametrize("words", [("schema",), ("schema", "--json")], ids=" ".join)
def test_the_schema_is_json(words: tuple[str, ...]) -> None:
    result = poolbook(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == SCHEMA
    assert SCHEMA["$schema"].startswith("https://json-schema.org/")


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*/agreement.yaml")), ids=lambda path: path.parent.name)
def test_the_schema_allows_every_example(path: Path) -> None:
    assert wrong(as_json(path), SCHEMA) == []


@pytest.mark.parametrize(("before", "after"), [
    ("budget: 7000", "budgte: 7000"), ("poolbook: 1", "poolbook: 2"), ("kind: pooled", "kind: puddled"),
    ("id: millbrook, ", ""), ("partners:", "partner:"), ("name: NHS Millbrook", "name: [NHS]"),
    ("effective: 2024-04-01\n", "\n"), ("applies_to: {fund: core}", "applies_to: {funds: core}")])
def test_the_schema_refuses_what_poolbook_refuses(tmp_path: Path, before: str, after: str) -> None:
    assert before in AGREEMENT
    path = tmp_path / "agreement.yaml"
    path.write_text(AGREEMENT, encoding="utf-8")
    assert wrong(as_json(path), SCHEMA) == []
    path.write_text(AGREEMENT.replace(before, after), encoding="utf-8")
    assert wrong(as_json(path), SCHEMA)
    poolbook("init", database="books.db")
    assert poolbook("apply", path, database="books.db").exit_code == 2
