from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.document import Document

from hmp.builtin import load_tables
from hmp.frontends.parsing import LineParser
from hmp.monitor.line import parse_line
from hmp.terminal.highlighting import LineLexer, fragments, spans
from tests import golden
from tests.qemu.lines import entries
from tests.terminal.fakes import idle_monitor

TABLE = load_tables()


def styled(text: str) -> list[tuple[str, str]]:
    """Return each styled piece of a line with the end of its style's name."""
    line = parse_line(text, TABLE)
    return [
        (text[start:end], style.rpartition(".")[2]) for start, end, style in spans(line)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("stop", [("stop", "function")]),
        ("info status", [("info", "function"), ("status", "function")]),
        ("nonsense", [("nonsense", "error")]),
        ("info nonsense", [("info", "function"), ("nonsense", "error")]),
        ("eject -f d0", [("eject", "function"), ("-f", "attribute"), ("d0", "string")]),
        (
            "block_resize d0 1G",
            [("block_resize", "function"), ("d0", "string"), ("1G", "number")],
        ),
        ("set_link n on", [("set_link", "function"), ("n", "string"), ("on", "constant")]),
        ("xp/4xw 0x10+1", [("xp", "function"), ("/4xw", "literal"), ("0x10+1", "number")]),
        ("stop now", [("stop", "function"), ("now", "error")]),
        ("block_resize d0", [("block_resize", "function"), ("d0", "string")]),
        ("inf", [("inf", "function")]),
        ("inf ", [("inf", "error")]),
        ("info bloc", [("info", "function"), ("bloc", "function")]),
        ("sum 0x", [("sum", "function"), ("0", "number")]),
        ("sum 0x ", [("sum", "function"), ("0", "number"), ("x ", "error")]),
        ("set_link n of", [("set_link", "function"), ("n", "string")]),
        ("set_link n ofx", [("set_link", "function"), ("n", "string"), ("ofx", "error")]),
    ],
)
def test_pieces_have_the_style_of_their_argument(
    text: str, expected: list[tuple[str, str]]
) -> None:
    """Colours follow what the parser read each piece as."""
    assert styled(text) == expected


@given(st.text("einfo xp/4$\"'-\\\n\té ", max_size=20))
def test_fragments_are_the_text(text: str) -> None:
    """Whatever is typed, what is shown is what was typed."""
    line = parse_line(text, TABLE)

    assert "".join(piece[1] for piece in fragments(text, spans(line))) == text


@pytest.mark.parametrize(
    ("line", "style"), [("# stop", "comment"), ("!stop", "literal.string")]
)
def test_some_lines_are_one_piece(line: str, style: str) -> None:
    """A comment, or a line for the shell, is not taken for a command."""
    lexer = LineLexer(LineParser(idle_monitor()))

    assert lexer.lex_document(Document(line))(0) == [(f"class:pygments.{style}", line)]


def test_the_beginning_of_a_good_line_is_not_marked() -> None:
    """Each command's example, a key at a time, also into a program and a file."""
    lexer = LineLexer(LineParser(idle_monitor()))
    examples = [entry.example for _, entry in entries(TABLE) if entry.example]
    lines = [example for example in examples if "{" not in example]  # no machine's names
    for line in (*lines, "info block | wc", "info block >> x", '{"execute": "stop"}'):
        for end in range(len(line) + 1):
            pieces = lexer.lex_document(Document(line[:end]))(0)
            styles = [piece[0] for piece in pieces]

            assert "class:pygments.error" not in styles, line[:end]


def colours() -> Iterator[str]:
    """Yield each command's example, and its pieces after the ends of their styles."""
    for entry in (entry for _, entry in entries(TABLE) if entry.example):
        pieces = " ".join(f"{style}:{piece}" for piece, style in styled(entry.example))
        yield f"{entry.example}\n    {pieces}\n"


def test_colours_are_as_they_were() -> None:
    """Of each command's example.

    ``HMP_TEST_UPDATE=1 pytest tests/terminal/test_highlighting.py`` writes the file anew.
    """
    golden.check(Path(__file__).parent / "golden/colours.txt", "".join(colours()))
