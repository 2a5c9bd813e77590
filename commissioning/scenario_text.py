"""Changes scalars of an agreement file in place, so that comments, order and layout stay as people wrote them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import yaml

At = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


def edited(text: str, values: Mapping[At, str]) -> str:
    """The file with these scalars, by place. A key that its mapping lacks is put first in it."""
    edits = [_edit(_root(text), at, value) for at, value in values.items()]
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[:edit.start] + edit.text + text[edit.end:]
    return text


@lru_cache(maxsize=4)  # scenarios of one file follow each other
def _root(text: str) -> yaml.Node | None:
    """The file as it stands, which nobody changes."""
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _edit(root: yaml.Node | None, at: At, value: str) -> _Edit:
    parent = root
    for key in at[:-1]:
        parent = _inside(parent, key)
    node = _inside(parent, at[-1])
    if node is not None:
        return _Edit(node.start_mark.index, node.end_mark.index, value)
    assert isinstance(parent, yaml.MappingNode), "only a mapping takes a new key"
    start = parent.start_mark
    if parent.flow_style:
        return _Edit(start.index + 1, start.index + 1, f'"{at[-1]}": {value}{", " if parent.value else ""}')
    return _Edit(start.index, start.index, f"{at[-1]}: {value}\n{' ' * start.column}")


def _inside(node: yaml.Node | None, key: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode):
        found: yaml.Node = node.value[int(key)]
        return found
    assert isinstance(node, yaml.MappingNode), "a path leads through mappings and lists"
    return next((value for name, value in node.value if name.value == str(key)), None)
