from __future__ import annotations

from completions.block import BLOCK_DEVICE, BLOCK_DEVICE_OR_NODE
from tests.completions.helpers import words

ANSWERS = {
    "query-block": [
        {"device": "d0", "inserted": {"drv": "qcow2", "file": "a.qcow2"}},
        {"device": "cd0"},
        {"device": "", "inserted": {"drv": "raw", "file": "x"}},
    ],
    "query-named-block-nodes": [
        {"node-name": "#block1", "drv": "file", "file": "a"},
        {"node-name": "n1", "drv": "raw", "file": "b.img"},
    ],
}
DEVICES = [("cd0", "no medium"), ("d0", "qcow2: a.qcow2")]


def test_devices_have_a_name() -> None:
    """Those without are known by their nodes."""
    assert words(BLOCK_DEVICE, ANSWERS) == DEVICES


def test_nodes_that_users_have_named_follow() -> None:
    """QEMU's own names mean nothing to anybody."""
    assert words(BLOCK_DEVICE_OR_NODE, ANSWERS) == [*DEVICES, ("n1", "node, raw: b.img")]
