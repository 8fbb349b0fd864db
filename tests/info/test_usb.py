from __future__ import annotations

from tests.fakes import FakeSession

USB = """\
  Device 0.1, Port 1, Speed 480 Mb/s, Product QEMU USB Tablet, ID: tab
  Device 0.2, Port 2.1, Speed 12 Mb/s, Product A, B
"""


def test_usb() -> None:
    """The view is a table, with the id first if a device has one."""
    session = FakeSession({"x-query-usb": {"human-readable-text": USB}})

    assert session.prints("info usb") == USB
    rows = session.looks("info usb").splitlines()[2:]
    assert rows[0].split() == ["tab", "QEMU", "USB", "Tablet", "1", "480", "Mb/s", "0.1"]
    assert rows[1].split() == ["A,", "B", "2.1", "12", "Mb/s", "0.2"]


def test_usb_in_other_words() -> None:
    """The text is shown unchanged."""
    text = f"{USB}no USB support\n"
    session = FakeSession({"x-query-usb": {"human-readable-text": text}})

    assert session.looks("info usb") == text
