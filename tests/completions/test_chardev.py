from __future__ import annotations

import pytest

from completions.chardev import CHARDEV_ID, CHARDEV_OPTIONS, RINGBUF_ID
from tests.completions.helpers import names, words

ANSWERS = {
    "query-chardev": [
        {"label": "s0", "filename": "pty:/dev/pts/3"},
        {"label": "rb", "filename": "ringbuf"},
        {"label": "hmp-monitor", "filename": "unix:"},
        {"label": "hmp-17-0badcafe", "filename": "unix:/tmp/x,server=on"},
    ],
    "query-chardev-backends": [{"name": "socket"}, {"name": "null"}],
}


def test_devices_with_their_backends() -> None:
    """... and those that can be read; not the monitors of sessions."""
    assert words(CHARDEV_ID, ANSWERS) == [("rb", "ringbuf"), ("s0", "pty:/dev/pts/3")]
    assert names(RINGBUF_ID, ANSWERS) == ["rb"]


@pytest.mark.parametrize(
    ("context", "some"),
    [
        ("", {"null", "socket"}),
        ("socket", {"id=", "path=", "server=", "logfile="}),
        ("null", {"id=", "logfile=", "logappend="}),
        ("nope", {"id=", "logfile=", "logappend="}),
        ("socket,server", {"on", "off"}),
        ("mux,chardev", {"s0", "rb"}),
        ("socket,path", set()),
    ],
)
def test_options(context: str, some: set[str]) -> None:
    """Backends, behind one its options, behind an option its values."""
    found = set(names(CHARDEV_OPTIONS, ANSWERS, context))

    assert some <= found
    assert bool(found) == bool(some)
