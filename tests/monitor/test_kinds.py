from __future__ import annotations

from hmp.monitor.kinds import Kind


def test_a_kind_has_a_name_and_perhaps_its_words() -> None:
    """Words come with an explanation each, from any iterable."""
    kind = Kind("protocol", iter([("vnc", "VNC"), ("spice", "SPICE")]))

    assert kind.name == "protocol"
    assert kind.words == (("vnc", "VNC"), ("spice", "SPICE"))
    assert repr(kind) == "Kind('protocol')"


def test_a_kind_that_only_the_machine_knows_has_no_words() -> None:
    """Block devices cannot be listed here."""
    assert Kind("block device").words == ()
