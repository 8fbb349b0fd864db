from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, qmp_calls


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        ("block_resize d0 20G", "block_resize", {"device": "d0", "size": 20 << 30}),
        ("block_resize d0 1", "block_resize", {"device": "d0", "size": 1 << 20}),
        ('block_resize "d 0" 512b', "block_resize", {"device": "d 0", "size": 512}),
        ("eject cd0", "eject", {"device": "cd0"}),
        ("eject -f cd0", "eject", {"device": "cd0", "force": True}),
    ],
)
def test_qmp_calls(line: str, command: str, arguments: dict[str, Any]) -> None:
    """Sizes are bytes; what was not typed has QEMU's default."""
    assert qmp_calls(line) == [(command, arguments)]
    assert FakeSession({command: {}}).prints(line) == ""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("nope", "Block protocol 'null-co' doesn't support the option 'nope'"),
        (
            "__org.x_nope",
            "Block protocol 'null-co' doesn't support the option '__org.x_nope'",
        ),
        ("nowhere.nope", "Parameter 'nowhere.nope' is unexpected"),
    ],
)
def test_a_member_of_a_node_that_it_does_not_have(name: str, shown: str) -> None:
    """Named as the block layer does; the names of vendors contain dots."""
    error = QMPError(f"Parameter '{name}' is unexpected")
    found = FakeSession({"blockdev-add": error, "query-qmp-schema": []}, has_hmp=False)

    line = f"drive_add -n 0 driver=null-co,node-name=n,{name.partition('where.')[0]}x=1"
    assert found.prints(line) == f"Error: {shown}\n"


@pytest.mark.parametrize(("version", "taken"), [((7, 2, 22), False), ((8, 1, 0), True)])
def test_a_size_without_a_digit_before_its_point(
    version: tuple[int, int, int], taken: bool
) -> None:
    """Older releases refuse it, so that they get the line rather than a number."""
    session = FakeSession(
        {"block_resize": {}, "human-monitor-command": "invalid size\r\n"},
        version=version,
    )

    session.prints("block_resize d0 .5G")

    assert ("block_resize" in {command for command, _ in session.calls}) is taken


NODES = [{"node-name": "n0"}, {"node-name": "n1"}]


def with_nodes(*commands: str, **answers: Any) -> FakeSession:
    """Return a machine with nodes, and with these commands."""
    listed = [{"name": name} for name in commands]
    found = {"query-named-block-nodes": NODES, "query-commands": listed, **answers}
    return FakeSession({name.replace("_", "-"): reply for name, reply in found.items()})


def test_a_deleted_drive_is_a_node_or_one_of_the_monitor() -> None:
    """A storage daemon has nodes only."""
    session = with_nodes("human-monitor-command", blockdev_del={})
    assert session.prints("drive_del n1") == ""
    assert ("blockdev-del", {"node-name": "n1"}) in session.calls
    busy = with_nodes(blockdev_del=QMPError("Node n1 is in use"))
    assert "Node n1 is in use" in busy.prints("drive_del n1")

    session = with_nodes("human-monitor-command", human_monitor_command="")
    assert session.prints("drive_del d0") == ""
    sent = [arguments for name, arguments in session.calls if name.startswith("human")]
    assert sent == [{"command-line": "drive_del d0"}]
    assert with_nodes("stop").prints("drive_del d0") == "Error: Node 'd0' not found\n"
