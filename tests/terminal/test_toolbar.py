from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from completions.defaults import KINDS
from hmp.builtin import load_tables
from hmp.completion.cache import WordCache
from hmp.completion.candidates import fixed_words
from hmp.frontends.parsing import LineParser
from hmp.monitor.kinds import Kind
from hmp.terminal.completer import LineCompleter
from hmp.terminal.highlighting import LineLexer
from hmp.terminal.toolbar import Bar
from tests import golden
from tests.qemu.lines import entries
from tests.terminal.fakes import idle_monitor

TABLE = load_tables()
BAR = Bar(fixed_words, {})


def bar(text: str) -> str:
    """Return the bar of a line as plain text."""
    return "".join(piece[1] for piece in BAR.describe(text, TABLE))


def bold(text: str) -> list[str]:
    """Return what the bar of a line emphasises."""
    return [piece[1] for piece in BAR.describe(text, TABLE) if piece[0] == "bold"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eject ", "eject [-f] device   device: removable block device"),
        (
            "block_resize d0 ",
            "block_resize device size   "
            "size: the new size, in MiB or with a suffix such as G",
        ),
        ("stop", "stop   pause the machine"),
        ("info status", "status   show whether the machine runs, and why not"),
        ("stop now", "stop|s: extraneous characters at the end of line"),
        ("nonsense ", "unknown command: 'nonsense'"),
        ("nonsens", "Tab completes, F1 and help explain, Ctrl-R searches, Ctrl-D leaves"),
        ("  ", "Tab completes, F1 and help explain, Ctrl-R searches, Ctrl-D leaves"),
        ("set_link n ", "set_link name on|off   on or off"),
        (
            "mouse_button ",
            "mouse_button state   state: the sum of the held buttons: 1 left,"
            " 2 right, 4 middle; 0: none",
        ),
        ("getfd ", "getfd name   name: the name to give it"),
        (
            "print $p",
            "print /fmt expr   expr: expression; $ names a register",
        ),
        ("x /8", "x /fmt addr   /fmt: / and the format, such as /8xw or /4i"),
        (
            "x /8xw ",
            "x /fmt addr   addr: virtual address on the current CPU; an expression",
        ),
    ],
)
def test_the_bar_says_what_is_expected(text: str, expected: str) -> None:
    """Usage, and what kind of thing comes next; or what is wrong."""
    assert bar(text) == expected


def test_what_does_not_fit_is_cut_with_a_sign() -> None:
    """The usage goes first; a key that the usage does not have is never shown."""
    assert bar("hostfwd_add ").endswith("   network backend, or forwarding rule")
    pieces = BAR.describe("x ", TABLE, 60)
    text = "".join(piece[1] for piece in pieces)
    assert text.startswith("x   /fmt: / and the format, such as ")
    assert (len(text), text[-1]) == (60, "…")


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (0, "Tab completes, F1 and help explain, Ctrl-R searches, Ctrl-D leaves"),
        (50, "Tab completes, F1 and help explain"),
        (5, "Tab completes"),
    ],
)
def test_an_empty_line_names_the_keys_that_fit(width: int, text: str) -> None:
    """None is cut."""
    assert BAR.describe("", TABLE, width)[0][1] == text


def test_the_bar_says_what_ctrl_d_does() -> None:
    """It ends a machine that hmp has started."""
    ends = Bar(fixed_words, {}, leaving="ends the machine")

    assert ends.describe("", TABLE, 80)[0][1].endswith(", Ctrl-D ends the machine")


def test_what_may_come_next_is_emphasised() -> None:
    """The command, and the parameters that may stand here."""
    assert bold("eject ") == ["eject", "[-f]", "device"]
    assert bold("eject -f ") == ["eject", "device"]


def test_words_are_listed() -> None:
    """Where only some words fit, the bar has them all."""
    assert "retain|read-only|read-write" in bar("change cd0 file raw ")


@given(st.text("einfo xpsthl_/4$\"'-\\\té ", max_size=30))
def test_any_text_has_a_bar(text: str) -> None:
    """Nothing that is typed breaks the bar."""
    assert bar(text)


LINES = (
    "device_add virtio-blk-pci,drive=",
    "eject ",
    "qmp blockdev-add driver=x ",
    "watch ",
    'qmp {"execute": ',
    "explain device_add ",
    "type <",
    "xp /4xw $",
    "info block -n ",
    "migrate_set_parameter a ",
    "qom-set /x y ",
    "hostfwd_add ",
    "help info ",
    "log a,",
)


@given(
    st.sampled_from(LINES),
    st.text(st.sampled_from('abx,=./<>$-"\\{}: \x1b'), max_size=12) | st.text(max_size=6),
)
def test_any_line_has_colours_candidates_and_a_bar(begin: str, rest: str) -> None:
    """Whatever is typed, and whatever the machine calls its things."""
    word_cache = WordCache()
    completer = LineCompleter(idle_monitor(), word_cache, KINDS)
    words = (("", "note"), ("we\x1bird", "\x9b"), ("a=", "b"), ("abc", ""))
    with_words = Bar(lambda kind, context: words, KINDS, completer.diagnose)
    text = begin + rest
    for kind, context in {(k, c) for k, c in looked_at(completer, text)}:
        word_cache.store(kind, context, words)

    assert with_words.describe(text, TABLE, 80)
    list(completer.get_completions(Document(text), CompleteEvent(text_inserted=True)))
    lexer = LineLexer(LineParser(idle_monitor()), completer.diagnose)
    lines = [lexer.lex_document(Document(text))(n) for n in range(text.count("\n") + 1)]
    assert "\n".join("".join(part[1] for part in line) for line in lines) == text


def looked_at(completer: LineCompleter, text: str) -> list[tuple[Kind, str]]:
    """Return what completion of a text wants to know of."""
    list(completer.get_completions(Document(text), CompleteEvent(text_inserted=True)))
    return completer.word_cache.take_wanted()


def test_a_file_name_within_an_argument_is_named() -> None:
    """After the key or the scheme that it belongs to."""
    bar = Bar(lambda kind, context: kind.words, KINDS)
    text = "".join(part[1] for part in bar.describe("drive_add 0 file=", TABLE))

    assert text.endswith("file name")


MARKS = {"bold": "[{}]", "class:bottom-toolbar.wrong": "WRONG: {}"}


def bars() -> Iterator[str]:
    """Yield the bar at each place of each command's example; last also a narrow one."""
    full = Bar(fixed_words, KINDS)
    for entry in (entry for _, entry in entries(TABLE) if entry.example):
        for place in re.finditer(r"[ ,=:/]|$", entry.example):
            text = entry.example[: place.end()]
            for width in (0, 40) if text == entry.example else (0,):
                pieces = full.describe(text, TABLE, width)
                shown = (MARKS.get(piece[0], "{}").format(piece[1]) for piece in pieces)
                yield f"{text}|\n    {''.join(shown)}\n"


def test_bars_are_as_they_were() -> None:
    """What each says, and emphasises, which stands in brackets.

    ``HMP_TEST_UPDATE=1 pytest tests/terminal/test_toolbar.py`` writes the file anew.
    """
    golden.check(Path(__file__).parent / "golden/bars.txt", "".join(bars()))


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("eject ", "device: removable block device"),
        ("eject drive0", "device: removable block device: disk"),
        ("eject drive", "device: removable block device"),
        ("device_add e1000,id", "device model and its properties: the id"),
        ("qom-get /machine typ", "property: property of the object: any text"),
        ("qom-get /machine type", "property: property of the object: any text"),
        ("qom-get /other type", "property: property of the object"),
    ],
)
def test_the_bar_tells_what_the_machine_says_of_a_word(text: str, note: str) -> None:
    """Of the one that is typed in full; a word without a name explains any."""

    def look(kind: Kind, context: str) -> list[tuple[str, str]]:
        any_word = [("", "any text")] if context == "/machine" else []
        return [("drive0", "disk"), ("id=", "the id"), *any_word]

    pieces = Bar(look, KINDS).describe(text, TABLE)
    assert "".join(piece[1] for piece in pieces).endswith(f"   {note}")
