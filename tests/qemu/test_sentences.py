"""Menus explain what a real QEMU has: events, types of backends and objects, members."""

from __future__ import annotations

from completions.sentences import EVENTS, MEMBERS, TYPES
from hmp.frontends.script import drive
from tests.qemu.conftest import Session


def test_events_types_and_members_have_sentences(full: Session) -> None:
    """All events and types, and most members that people type."""
    schema = drive(full.connection.schema())
    events = [e["name"] for e in schema.entries.values() if e["meta-type"] == "event"]
    unions = (("netdev_add", "type"), ("object-add", "qom-type"))
    types = {(c, case) for c, tag in unions for case in schema.enum_at(c, tag)}
    members = {
        member["name"]
        for command, case in types
        for member in schema.variant_members(command, case)
        if not member["name"].startswith("x-")
    }

    assert [name for name in events if name not in EVENTS] == []
    unsaid = {case for _, case in types if case not in TYPES}
    assert unsaid <= {"nic", "none", "cryptodev-backend", "pef-guest", "s390-pv-guest"}
    assert len(members & MEMBERS.keys()) > 0.6 * len(members), members - MEMBERS.keys()


def test_sentences_fit_a_menu() -> None:
    """They are short, begin as the rest of a line, and none is left for nothing."""
    for name, said in (EVENTS | TYPES | MEMBERS).items():
        assert 0 < len(said) <= 70, name
        assert not said.endswith("."), name
