from __future__ import annotations

from hmp.display.progress import ProgressLine
from hmp.display.screen import Screen


def line(**environment: str) -> ProgressLine:
    """Return the line of a screen of 80 columns."""
    return ProgressLine(Screen(-1, {"TERM": "xterm", "LC_ALL": "C.UTF-8", **environment}))


def test_a_bar_is_drawn_over_and_over() -> None:
    """Each time from the line's beginning; in the end it is taken away, once."""
    bar = line()

    assert bar.shown("job j0", 1, 4) == f"\r\x1b[Kjob j0 {'█' * 8}{'░' * 22}  25%"
    assert bar.shown("job j0", 4, 4) == f"\r\x1b[Kjob j0 {'█' * 30} 100%"
    assert bar.cleared() == "\r\x1b[K"
    assert bar.cleared() == ""


def test_without_a_total() -> None:
    """Only the name."""
    assert line().shown("migration", 5, 0) == "\r\x1b[Kmigration …"


def test_more_than_all() -> None:
    """A total that was guessed too low is no more than all of it."""
    assert line().shown("x", 9, 4).endswith("100%")
    assert line().shown("x", -1, 4).endswith("  0%")


def test_ascii_and_hostile_names() -> None:
    """What it is called is the machine's, and shown as such; long names are cut."""
    text = line(LC_ALL="C").shown("\x1b]0;x\x07" + "y" * 100, 1, 2)

    assert "#" * 15 + "." * 15 in text
    assert "\x07" not in text
    assert len(text) < 90
