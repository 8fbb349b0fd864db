"""Our tables have every command of QEMU's own, under the same names and parameters."""

from __future__ import annotations

import pytest

from hmp.builtin import load_tables
from tests.qemu.conftest import Session

VARYING = {
    # the parameters that an older release does not have
    "migrate",
    "dump-guest-memory",
    "info migrate",
    "info qtree",
    # lists of words that depend on release and build
    "netdev_add",
    "watchdog_action",
    "hostfwd_add",
    # quoted otherwise over the releases
    "expire_password",
    "set_password",
}


def listed(text: str) -> dict[str, str]:
    """Return the parameters by name, of the lines that ``help`` prints."""
    found = {}
    for line in text.replace("\n[", " [").replace("\n,", " ,").splitlines():
        usage, dashes, _ = line.partition(" -- ")
        words = usage.split(" ")
        if dashes and words[0]:
            count = 2 if words[0] == "info" and len(words) > 2 else 1
            found[" ".join(words[:count])] = " ".join(words[count:]).strip()
    return found


def different(session: Session, line: str) -> dict[str, tuple[str | None, str]]:
    """Return our parameters and QEMU's of what both help lists have, where they differ."""
    theirs = listed(session.theirs(line))
    ours = listed(session.ours(line))
    assert len(theirs) > 50
    return {
        name: (ours.get(name), params)
        for name, params in theirs.items()
        if name not in ours or (ours[name] != params and name not in VARYING)
    }


@pytest.mark.parametrize("line", ["help", "help info"])
def test_every_command_of_qemu_is_in_our_tables(full: Session, line: str) -> None:
    """Names with their aliases, and parameters, are those that QEMU's help lists."""
    assert different(full, line) == {}


HELP = [
    "nope",
    "info nope",
    "info",
    "nope info",
    "help x",
    '"info" "block"',
    '"x"',
    '"log',
    '"bl\vock"',
    '""',
    '"a b"',
    'info "a b" c',
    '"in\\"fo"',
    '"info"block',
    "info\vblock",
    "a " * 16,
    "a " * 17,
    "info" + " block" * 15,
    "info" + " block" * 16,
    "info é",
]


@pytest.mark.parametrize("words", HELP)
def test_help_knows_what_qemu_knows(full: Session, words: str) -> None:
    """Help for what is no command is refused in the same words."""
    theirs = full.theirs(f"help {words}")
    ours = full.ours(f"help {words}")

    if " -- " not in theirs:
        assert ours == theirs
    else:
        assert set(listed(theirs)) - set(listed(ours)) == set()


def test_no_command_that_qemu_has_is_unknown_to_us(full: Session) -> None:
    """A command of a newer QEMU that our table lacks is passed on, not refused."""
    table = load_tables()
    table.by_name.pop("info")
    session = Session.__new__(Session)
    session.qemu, session.connection = full.qemu, full.connection
    session.monitor = type(full.monitor)(full.connection, table)

    assert session.ours("info kvm") == full.theirs("info kvm")
    assert session.ours("info nope") == "unknown command: 'info nope'\n"
