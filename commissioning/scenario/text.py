"""Changes scalars of an agreement file in place, so that comments, order and layout stay as people wrote them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from commissioning.agreement.reading import NULLS, load, nodes

At = tuple[str | int, ...]
BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line of YAML, as its marks count lines."""


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What is changed in a file: scalars by place, and lists with which of their items stands where from now on."""

    scalars: tuple[tuple[At, str], ...] = ()
    orders: tuple[tuple[At, tuple[int, ...]], ...] = ()

    def text(self, text: str) -> str:
        """The file with the changes."""
        return reordered(edited(text, dict(self.scalars)), dict(self.orders))

    def data(self, text: str) -> Any:
        """The file with the changes as plain data: as reading their text would give it, in a tenth of the time."""
        data = load(text).data
        for at, written in self.scalars:
            parent, key, value = _at(data, at[:-1]), at[-1], _scalar(written)
            if isinstance(parent, list):
                parent[int(key)] = value
            elif str(key) in parent:
                parent[str(key)] = value
            else:
                rest = dict(parent)
                parent.clear()
                parent.update({str(key): value, **rest})
        for at, order in self.orders:
            items = _at(data, at)
            items[:] = [items[i] for i in order]
        return data


def _at(data: Any, at: At) -> Any:
    for key in at:
        data = data[int(key)] if isinstance(data, list) else data[str(key)]
    return data


def _scalar(written: str) -> str | None:
    """What a file says where this is written."""
    return written[1:-1] if written.startswith('"') else None if written in NULLS else written


class _Plain(yaml.SafeDumper):
    """Writes everything where it stands."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def written_out(text: str) -> str:
    """The file without aliases, for what they stand for could not be changed in one of its places alone.

    Where there are none it is the same; else it is written anew, in another layout and without its comments.
    """
    if "*" not in text or not any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
        return text
    return yaml.dump(load(text).data, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


def edited(text: str, values: Mapping[At, str]) -> str:
    """The file with these scalars, by place. A key that its mapping lacks is put first in it."""
    text = written_out(text)
    edits = [_edit(nodes(text), at, value) for at, value in values.items()]
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[:edit.start] + edit.text + text[edit.end:]
    return text


def reordered(text: str, lists: Mapping[At, Sequence[int]]) -> str:
    """The file with the items of these lists in another order: for each place, which item stands there now.

    An item takes along the comments above it and on its own lines.
    """
    text = written_out(text)
    edits: list[_Edit] = []
    for at, order in lists.items():
        node = nodes(text)
        for key in at:
            node = _inside(node, key)
        assert isinstance(node, yaml.SequenceNode), "only a list has an order"
        spans = [(item.start_mark.index, item.end_mark.index) for item in node.value] if node.flow_style else (
            _lines_of(text, node))
        edits += [_Edit(*span, text[slice(*spans[i])]) for span, i in zip(spans, order, strict=True)]
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[:edit.start] + edit.text + text[edit.end:]
    return text


def _lines_of(text: str, node: yaml.SequenceNode) -> list[tuple[int, int]]:
    """Each item of a list in block style: from the comments above it to the end of its last line, without that end."""
    breaks = [(found.start(), found.end()) for found in BREAK.finditer(text)]
    starts, ends = [0, *(end for _, end in breaks)], [*(start for start, _ in breaks), len(text)]
    first = node.start_mark.line
    while text[starts[first - 1]:ends[first - 1]].lstrip().startswith("#"):
        first -= 1
    spans: list[tuple[int, int]] = []
    for item in node.value:
        last = _last_line(item)
        spans.append((starts[first], ends[last]))
        first = last + 1
    return spans


def _last_line(node: yaml.Node) -> int:
    """The line on which what a node says ends; for its mark stands where the next thing begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        inner = node.value[-1]
        return _last_line(inner[1] if isinstance(node, yaml.MappingNode) else inner)
    mark = node.end_mark
    return mark.line - 1 if mark.column == 0 and mark.line > node.start_mark.line else mark.line


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
