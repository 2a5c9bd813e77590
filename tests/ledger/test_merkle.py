"""The tree against the RFC's own recursive words, for every leaf and every pair of sizes; bent proofs are refused."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.merkle import EMPTY, Tree, extends, includes, leaf_hash

MOST = 70

# The leaves and roots that the reference implementations of Certificate Transparency are tested with.
KNOWN_LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(count: int) -> list[bytes]:
    return [sha256(b"%d" % i).digest() for i in range(count)]


def mth(data: list[bytes]) -> bytes:
    """The root, by the definition in RFC 9162, 2.1.1."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = half(len(data))
    return sha256(b"\x01" + mth(data[:k]) + mth(data[k:])).digest()


def half(n: int) -> int:
    """The largest power of two below n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, data: list[bytes]) -> list[bytes]:
    """The inclusion proof, by the definition in RFC 9162, 2.1.3.1."""
    if len(data) == 1:
        return []
    k = half(len(data))
    return [*path(m, data[:k]), mth(data[k:])] if m < k else [*path(m - k, data[k:]), mth(data[:k])]


def subproof(m: int, data: list[bytes], b: bool) -> list[bytes]:
    """The consistency proof, by the definition in RFC 9162, 2.1.4.1."""
    n = len(data)
    if m == n:
        return [] if b else [mth(data)]
    k = half(n)
    return ([*subproof(m, data[:k], b), mth(data[k:])] if m <= k
            else [*subproof(m - k, data[k:], False), mth(data[:k])])


@pytest.mark.parametrize("size", range(len(KNOWN_LEAVES) + 1))
def test_the_known_roots(size: int) -> None:
    assert mth(KNOWN_LEAVES[:size]).hex() == KNOWN_ROOTS[size]
    assert Tree(KNOWN_LEAVES[:size]).root.hex() == KNOWN_ROOTS[size]


def test_the_known_proofs() -> None:
    """Two proofs that the reference implementations print for the tree of eight leaves."""
    tree = Tree(KNOWN_LEAVES)
    assert [node.hex() for node in tree.inclusion(0)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]
    assert [node.hex() for node in tree.consistency(6)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_leaf_and_every_earlier_size(size: int) -> None:
    data = leaves(size)
    tree = Tree(data)
    assert (tree.size, tree.root) == (size, mth(data))
    for index, leaf in enumerate(data):
        proof = tree.inclusion(index)
        assert proof == path(index, data)
        assert includes(tree.root, size, index, leaf, proof)
        assert not any(includes(tree.root, size, other, leaf, proof) for other in range(size) if other != index)
    for first in range(size + 1):
        proof = tree.consistency(first)
        old = mth(data[:first])
        assert proof == (subproof(first, data, True) if first else [])
        assert extends(old, first, tree.root, size, proof)
        assert not any(extends(old, other, tree.root, size, proof) for other in range(size + 1) if other != first)


def test_the_empty_tree() -> None:
    assert (Tree([]).root, Tree([]).size, Tree([]).consistency(0)) == (EMPTY, 0, [])
    assert extends(EMPTY, 0, EMPTY, 0, [])
    assert not extends(EMPTY, 0, EMPTY, 0, [EMPTY])
    assert not includes(EMPTY, 0, 0, b"", [])


def flipped(data: bytes, bit: int) -> bytes:
    bit %= len(data) * 8
    return bytes(byte ^ (1 << bit % 8 if i == bit // 8 else 0) for i, byte in enumerate(data))


@given(st.data(), st.integers(1, MOST), st.integers(0, 10_000))
def test_a_flipped_bit_anywhere_refuses(data: st.DataObject, size: int, bit: int) -> None:
    items = leaves(size)
    tree = Tree(items)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion(index)
    assert not includes(flipped(tree.root, bit), size, index, items[index], proof)
    assert not includes(tree.root, size, index, flipped(items[index], bit), proof)
    first = data.draw(st.integers(1, size))
    old, since = mth(items[:first]), tree.consistency(first)
    assert not extends(flipped(old, bit), first, tree.root, size, since)
    assert not extends(old, first, flipped(tree.root, bit), size, since)
    for nodes, check in ((proof, lambda p: includes(tree.root, size, index, items[index], p)),
                         (since, lambda p: extends(old, first, tree.root, size, p))):
        if nodes:
            at = data.draw(st.integers(0, len(nodes) - 1))
            bent = [*nodes[:at], flipped(nodes[at], bit), *nodes[at + 1:]]
            for wrong in (bent, nodes[:-1], [*nodes, nodes[-1]], nodes[1:], [*nodes[:at], nodes[at][:-1],
                                                                             *nodes[at + 1:]]):
                assert not check(wrong)


@given(st.binary(max_size=33), st.integers(-3, 2**70), st.integers(-3, 2**70), st.binary(max_size=33),
       st.lists(st.binary(max_size=33), max_size=80))
def test_nonsense_is_refused_and_raises_nothing(root: bytes, size: int, index: int, leaf: bytes,
                                                nodes: list[bytes]) -> None:
    assert not includes(root, size, index, leaf, nodes) or leaf_hash(leaf) == root
    assert not extends(leaf, index, root, size, nodes) or leaf in (root, EMPTY)


@given(st.integers(1, MOST), st.integers(0, MOST - 1))
def test_a_tree_that_was_changed_does_not_extend_the_old_one(size: int, changed: int) -> None:
    data = leaves(size)
    changed %= size
    bent = Tree([*data[:changed], sha256(b"bent").digest(), *data[changed + 1:]])
    for first in range(changed + 1, size + 1):
        assert not extends(mth(data[:first]), first, bent.root, size, bent.consistency(first))
    for first in range(changed + 1):
        assert extends(mth(data[:first]), first, bent.root, size, bent.consistency(first))
