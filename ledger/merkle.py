"""The Merkle tree of RFC 9162, section 2, over SHA-256: its root, and the two proofs by which outsiders check it. Pure.

A leaf is hashed behind a zero byte and a node behind a one, so that neither can stand for the other. An inclusion
proof shows that a leaf is in a tree; a consistency proof, that a larger tree begins with a smaller one unchanged.
The checks take whatever they are handed: they answer yes or no and raise nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

SIZE = 32  # bytes of a hash
EMPTY = sha256().digest()  # the root of a tree without leaves


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node over two others."""
    return sha256(b"\1" + left + right).digest()


class Tree:
    """A tree with every node kept, so that each proof is looked up and not worked out.

    A node that is left over on its level goes up as it is; that gives the same tree as the RFC's division of n leaves
    at the largest power of two below n.
    """

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels = [[leaf_hash(data) for data in leaves]]
        while len(below := self._levels[-1]) > 1:
            above = [node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
            self._levels.append(above + below[len(below) - len(below) % 2:])

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return len(self._levels[0])

    @property
    def root(self) -> bytes:
        """The hash over all of it."""
        return self._levels[-1][0] if self.size else EMPTY

    def inclusion(self, index: int) -> list[bytes]:
        """The proof that the leaf at `index` (from 0) is in the tree: RFC 9162, 2.1.3.1."""
        assert 0 <= index < self.size, "a proof is of a leaf of the tree"
        path = []
        for level in self._levels[:-1]:
            if index ^ 1 < len(level):
                path.append(level[index ^ 1])
            index >>= 1
        return path

    def consistency(self, first: int) -> list[bytes]:
        """The proof that the tree begins with that of its first leaves: RFC 9162, 2.1.4.1."""
        assert 0 <= first <= self.size, "a tree begins with no more leaves than it has"
        return self._since(first, 0, self.size, whole=True) if first else []

    def _since(self, first: int, low: int, high: int, *, whole: bool) -> list[bytes]:
        """SUBPROOF over the leaves from `low` to before `high`; `whole`: the checker knows the root of these."""
        if first == high - low:
            return [] if whole else [self._over(low, high)]
        half = 1 << (high - low - 1).bit_length() - 1
        if first <= half:
            return [*self._since(first, low, low + half, whole=whole), self._over(low + half, high)]
        return [*self._since(first - half, low + half, high, whole=False), self._over(low, low + half)]

    def _over(self, low: int, high: int) -> bytes:
        """The node over these leaves, which are a whole subtree or the tree's right edge."""
        level = (high - low - 1).bit_length()
        return self._levels[level][low >> level]


def includes(root: bytes, size: int, index: int, leaf: bytes, path: Sequence[bytes]) -> bool:
    """Whether the proof shows this leaf (its data) at that place of the tree: RFC 9162, 2.1.3.2."""
    if not 0 <= index < size or any(len(node) != SIZE for node in path):
        return False
    place, last, found = index, size - 1, leaf_hash(leaf)
    for node in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(node, found)
            place, last = _to_right_child(place, last)
        else:
            found = node_hash(found, node)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def extends(old_root: bytes, old_size: int, root: bytes, size: int, path: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree begins with the old one, leaf for leaf: RFC 9162, 2.1.4.2."""
    if not 0 <= old_size <= size or any(len(node) != SIZE for node in path):
        return False
    if old_size in (0, size):
        return not path and old_root == (root if old_size == size else EMPTY)
    nodes = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    if not path:
        return False
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_found = found = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_found, found = node_hash(node, old_found), node_hash(node, found)
            place, last = _to_right_child(place, last)
        else:
            found = node_hash(found, node)
        place, last = place >> 1, last >> 1
    return last == 0 and old_found == old_root and found == root


def _to_right_child(place: int, last: int) -> tuple[int, int]:
    """Up to where the node is a right child: levels that it goes up as it is have no node in the proof."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last
