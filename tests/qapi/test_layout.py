from __future__ import annotations

from hmp.qapi import describe, to_markdown, to_text
from hmp.qapi.render import Description
from tests.qapi.helpers import accepted, doc

SCHEMA = accepted(
    doc(
        "@stop:",
        "",
        "Stop the *guest*, which may take some time if it is busy with @other things, and",
        "then some.",
        "",
        "@force: even if",
        "    it does not",
        "",
        "    - like",
        "    - that",
        "",
        ".. note:: Beware of the <dog>.",
        "",
        ".. qmp-example::",
        "",
        '    -> { "execute": "stop" }',
        "    <- { }",
        "",
        "Since: 1.0",
    )
    + "{ 'command': 'stop', 'data': { '*force': 'bool' } }"
)

TEXT = """\
command stop

    stop(force?: bool)

Stop the guest, which may take some time if it is busy with
other things, and then some.

Arguments:

  force: bool (optional)
      even if it does not

      - like
      - that

Note:
    Beware of the <dog>.

Example:

    -> { "execute": "stop" }
    <- { }

Since: 1.0
"""

MARKDOWN = """\
## command `stop`

```
stop(force?: bool)
```

Stop the *guest*, which may take some time if it is busy with `other` things, and
then some.

### Arguments

- `force: bool (optional)`

  even if
  it does not

  - like

  - that

> **Note**
>
> Beware of the \\<dog\\>.

Example:

```
-> { "execute": "stop" }
<- { }
```

Since: 1.0
"""


def test_plain_text() -> None:
    """Plain text."""
    assert to_text(describe(SCHEMA, "stop"), width=60) == TEXT


def test_markdown() -> None:
    """Markdown."""
    assert to_markdown(describe(SCHEMA, "stop")) == MARKDOWN


def test_no_line_is_wider_than_it_may_be_where_words_allow() -> None:
    """No line is wider than it may be where words allow."""
    text = to_text(describe(SCHEMA, "stop"), width=30)
    assert max(len(line) for line in text.splitlines()) <= 30


def test_the_level_of_headings() -> None:
    """The level of headings."""
    text = to_markdown(describe(SCHEMA, "stop"), level=4)
    assert text.startswith("#### command")
    assert "\n##### Arguments\n" in text


def test_nothing_controls_a_terminal() -> None:
    """A schema may come from anywhere, and so may what its comments contain."""
    text = (
        doc("@foo:", "", "\x1b[31mred\x9b0m", "", "::", "", "  \x07")
        + "{ 'command': 'foo' }"
    )
    description = describe(accepted(text), "foo")
    for laid_out in (to_text(description), to_markdown(description)):
        assert "\ufffd[31mred\ufffd0m" in laid_out.replace("\\", "")
        assert not set("\x1b\x9b\x07") & set(laid_out)


def test_what_markdown_would_read_is_escaped() -> None:
    """And nothing else."""
    marks = "*_[]<>#|"
    text = doc("@foo:", "", f"Plain X, x 1. {marks} end") + "{ 'command': 'foo' }"
    description = describe(accepted(text), "foo")
    escaped = "".join(f"\\{mark}" for mark in marks)

    assert f"\nPlain X, x 1. {escaped} end\n" in to_markdown(description)
    assert f"\nPlain X, x 1. {marks} end\n" in to_text(description)


def test_nothing_to_say() -> None:
    """Nothing to say."""
    empty = Description("text", "", "", [])
    assert to_text(empty) == to_markdown(empty) == "\n"
