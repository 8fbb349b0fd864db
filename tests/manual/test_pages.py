from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.builtin import load_tables
from hmp.cli.options import MONITORS, OPTIONS
from hmp.monitor.help import topics
from tests.manual.mdoc import literal, paragraph
from tests.manual.pages import PAGES, page
from tests.program import LIMIT, ROOT

MANDOC = shutil.which("mandoc")
needs_mandoc = pytest.mark.skipif(MANDOC is None, reason="mandoc is not installed")
SHIPPED = {
    name: ROOT / "docs" / "man" / f"{name}.{number}" for name, number in PAGES.items()
}


def drawn(path: Path) -> str:
    """Return a page as a reader sees it, on very long lines."""
    done = subprocess.run(
        [str(MANDOC), "-Tutf8", "-Owidth=1000", str(path)],
        stdout=subprocess.PIPE,
        timeout=LIMIT,
        check=True,
    )
    return re.sub(r".\x08", "", done.stdout.decode())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_current(name: str) -> None:
    """After a change of options, tables or documentation: python -m tests.manual."""
    text = SHIPPED[name].read_text()
    date = text.partition("\n")[0].removeprefix(".Dd ")

    assert text == page(name, date)


@needs_mandoc
@pytest.mark.parametrize("name", PAGES)
def test_mandoc_finds_nothing(name: str) -> None:
    """Neither errors nor matters of style; the other page may not be installed."""
    done = subprocess.run(
        [str(MANDOC), "-Tlint", SHIPPED[name]],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=LIMIT,
        check=False,
    )
    found = done.stdout.decode().splitlines()

    assert [
        line for line in found if "referenced manual not found: Xr hmp" not in line
    ] == []


@needs_mandoc
def test_all_options_and_commands_are_there() -> None:
    """With their values and arguments, to the letter."""
    program = drawn(SHIPPED["hmp"])
    for option in (*OPTIONS, *MONITORS):
        for name in option.names:
            assert f"{name} {option.value}".strip() in program

    commands = drawn(SHIPPED["hmp-monitor"])
    for topic in topics(load_tables()):
        params = " ".join(topic["params"].removeprefix(topic["name"]).split())
        usage = f"{topic['label'].replace('|', ' | ')} {params}".strip()
        there = re.search(rf"^ {{5}}{re.escape(usage)}(?:\n|  )", commands, re.MULTILINE)
        assert there, (
            f"hmp-monitor(7) lacks '{usage}'; write it by `python -m tests.manual`"
        )


ODD = st.text("\\.'\"^~-|{}[]()$%*,;:!?#@é→ OpArFl012", min_size=1, max_size=30)
# the documentation is Markdown, and that would be a link
ODD = ODD.filter(lambda text: "](" not in text)


@needs_mandoc
@given(st.lists(ODD, min_size=1, max_size=10))
def test_foreign_words_do_nothing(texts: list[str]) -> None:
    """What roff or mdoc would obey is drawn as it is."""
    source = [".Dd January 1, 2026", ".Dt X 1", ".Os", ".Sh NAME", ".Nm x", ".Nd y"]
    source.append(".Sh DESCRIPTION")
    for text in texts:
        source += [f".Ic {literal(text)}", ".Pp", *paragraph(f"{text} `{text}`"), ".Pp"]
    done = subprocess.run(
        [str(MANDOC), "-Tutf8", "-Owidth=1000", "-Werror"],
        input="".join(f"{line}\n" for line in source).encode(),
        stdout=subprocess.PIPE,
        timeout=LIMIT,
        check=True,
    )
    shown = "".join(re.sub(r".\x08", "", done.stdout.decode()).split())

    for text in texts:
        assert "".join(f"{text}{text}{text}".split()) in shown
