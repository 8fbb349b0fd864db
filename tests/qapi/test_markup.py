from __future__ import annotations

import pytest

from hmp.qapi.markup import CODE, ITEM, NOTE, PARAGRAPH, Block, inline, parse_markup, plain


def text(*lines: str) -> Block:
    """Return a paragraph."""
    return Block(PARAGRAPH, "\n".join(lines))


def code(*lines: str, title: str = "") -> Block:
    """Return a piece of code."""
    return Block(CODE, "\n".join(lines), title)


def item(title: str, *blocks: Block) -> Block:
    """Return an item of a list."""
    return Block(ITEM, title=title, blocks=list(blocks))


def note(title: str, *blocks: Block) -> Block:
    """Return a note."""
    return Block(NOTE, title=title, blocks=list(blocks))


CASES: list[tuple[list[str], list[Block]]] = [
    ([""], []),
    (["One", "two.", "", "Three."], [text("One", "two."), text("Three.")]),
    (["  One", "  two."], [text("One", "two.")]),
    (["One", "", "  quoted", "", "two"], [text("One"), text("quoted"), text("two")]),
    (
        ["- one", "  two", "", "  three", "- four"],
        [item("-", text("one", "two"), text("three")), item("-", text("four"))],
    ),
    (["1. one", "", "2. two"], [item("1.", text("one")), item("2.", text("two"))]),
    (["List:", "- one"], [text("List:"), item("-", text("one"))]),
    (["One", "- two"], [text("One", "- two")]),
    (["Code::", "", "  a", "    b", "", "  c", "d"],
     [text("Code:"), code("a", "  b", "", "c"), text("d")]),
    (["Code ::", "", "  a"], [text("Code"), code("a")]),
    (["::", "", "  a"], [code("a")]),
    (["Nothing::"], [text("Nothing:")]),
    ([".. note:: one", "   two", "", "   - three", "four"],
     [note("Note", text("one", "two"), item("-", text("three"))), text("four")]),
    ([".. caution::", "", "   one"], [note("Caution", text("one"))]),
    ([".. admonition:: Notes", "", " - one"], [note("Notes", item("-", text("one")))]),
    ([".. unknown:: one"], [note("unknown:", text("one"))]),
    ([".. qmp-example::", "", "    -> {}", "    <- {}"],
     [code("-> {}", "<- {}", title="Example")]),
    ([".. qmp-example::", "   :title: Good", "", "   -> {}"],
     [code("-> {}", title="Example: Good")]),
    ([".. qmp-example::", "   :annotated:", "", "   One::", "", "    -> {}"],
     [note("Example", text("One:"), code("-> {}"))]),
    ([".. code-block:: c", "", "   int x;"], [code("int x;")]),
    ([".. _label:", "", ".. a comment", "   of two lines", "One"], [text("One")]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "blocks"), CASES)
def test_blocks(lines: list[str], blocks: list[Block]) -> None:
    """Blocks."""
    assert parse_markup("\n".join(lines)) == blocks


def test_text_behind_a_tag_hangs() -> None:
    """Text behind a tag hangs."""
    hanging = "one\n    two\n\n      - three\n    four"
    blocks = parse_markup(hanging, hanging=True)
    assert blocks == [text("one", "two"), item("-", text("three")), text("four")]
    assert parse_markup("    one\n    two", hanging=True) == [text("one", "two")]


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("plain", [("", "plain")]),
        ("a @foo-bar.baz.", [("", "a "), ("name", "foo-bar.baz"), ("", ".")]),
        ("mail a@b", [("", "mail a@b")]),
        ("``x * y`` *em* **st**",
         [("code", "x * y"), ("", " "), ("emphasis", "em"), ("", " "), ("strong", "st")]),
        ("2 * 3 * 4", [("", "2 * 3 * 4")]),
        ("\\*a\\*", [("", "*"), ("", "a"), ("", "*")]),
        (":ref:`x` :qapi:cmd:`stop`", [("name", "x"), ("", " "), ("name", "stop")]),
        ("`text <http://x>`_ `y`", [("", "text"), ("", " "), ("", "y")]),
        ("`unclosed", [("", "`unclosed")]),
    ],
)  # fmt: skip
def test_inline_markup(source: str, parts: list[tuple[str, str]]) -> None:
    """Inline markup."""
    assert inline(source) == parts


def test_plain_text_is_one_line() -> None:
    """Plain text is one line."""
    assert plain("One  @two\n``three``") == "One two three"


def test_equal_blocks_have_no_hash() -> None:
    """Equal blocks have no hash."""
    assert text("a") != text("b")
    assert text("a") != "a"
    with pytest.raises(TypeError):
        hash(text("a"))
