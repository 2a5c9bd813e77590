"""YAML that says a thing once and stands for it elsewhere, as programs write it: read, and changed in one place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from commissioning.agreement.reading import load, read_agreement
from commissioning.scenario.text import Changes, written_out
from docs.make_gallery import cases as examples

TWICE = "a: &all\n  b: [1, 2]  # said once\n  c: 3\nd: *all\ne: {f: *all}\n"


def shared(value: Any, known: dict[str, Any]) -> Any:
    """The same data, in which what is said twice is one thing: what PyYAML writes of it is full of aliases."""
    if isinstance(value, dict):
        value = {key: shared(item, known) for key, item in value.items()}
    elif isinstance(value, list):
        value = [shared(item, known) for item in value]
    return known.setdefault(json.dumps(value), value)


@pytest.mark.parametrize("folder", examples(), ids=lambda folder: folder.name)
def test_an_agreement_with_aliases_is_the_one_without(folder: Path) -> None:
    text = (folder / "agreement.yaml").read_text()
    dumped = yaml.safe_dump(shared(load(text).data, {}), sort_keys=False)
    assert json.dumps(load(dumped).data) == json.dumps(load(text).data)
    assert read_agreement(dumped) == read_agreement(text)
    assert load(written_out(dumped)).data == load(text).data
    assert "*" not in dumped or "*id" not in written_out(dumped)


def test_some_examples_say_a_thing_twice() -> None:
    texts = ((folder / "agreement.yaml").read_text() for folder in examples())
    assert any("*id" in yaml.safe_dump(shared(load(text).data, {})) for text in texts)


def test_what_is_changed_in_one_place_stays_in_the_others() -> None:
    changes = Changes(scalars=((("d", "b", 0), "7"), (("e", "f", "g"), "8")), orders=((("a", "b"), (1, 0)),))
    wanted = {"a": {"b": ["2", "1"], "c": "3"}, "d": {"b": ["7", "2"], "c": "3"},
              "e": {"f": {"g": "8", "b": ["1", "2"], "c": "3"}}}
    assert changes.data(TWICE) == wanted
    assert load(changes.text(TWICE)).data == wanted


def test_a_file_without_aliases_keeps_its_layout() -> None:
    plain = "a: [1,  2]   # *not* an alias\n"
    assert written_out(plain) == plain


def test_a_fault_stands_where_the_alias_does() -> None:
    assert load(TWICE).place(("d",)).line == 4
    assert load(TWICE).place(("d", "c")).line == 3
