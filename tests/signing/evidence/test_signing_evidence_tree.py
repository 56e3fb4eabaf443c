"""The hash tree over events."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from usecases.evidence.tree import Tree, root_of


def _leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(str(number).encode()).digest() for number in range(count)]


@given(st.integers(1, 70), st.data())
def test_every_leaf_leads_to_the_root(count: int, data: st.DataObject) -> None:
    leaves = _leaves(count)
    tree = Tree(leaves)
    index = data.draw(st.integers(0, count - 1))
    path = tree.path(index)
    assert root_of(leaves[index], index, count, path) == tree.root
    # nothing else leads there
    other = data.draw(st.integers(0, count - 1).filter(lambda one: one != index) | st.just(count))
    assert root_of(leaves[index], other, count, path) != tree.root
    assert root_of(hashlib.sha256(b"x").digest(), index, count, path) != tree.root
    assert root_of(leaves[index], index, count, [*path, bytes(32)]) != tree.root
    if path:
        assert root_of(leaves[index], index, count, path[:-1]) != tree.root
        flipped = [bytes(32), *path[1:]]
        assert root_of(leaves[index], index, count, flipped) != tree.root


def test_the_tree_is_that_of_certificate_transparency() -> None:
    """Roots of the test vectors of RFC 6962's reference implementation."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    inputs.append("606162636465666768696a6b6c6d6e6f")
    leaves = [bytes.fromhex(one) for one in inputs]
    assert Tree(leaves[:1]).root.hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert Tree(leaves).root.hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )
