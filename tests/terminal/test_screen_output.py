from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hmp.display.sink import Sink
from hmp.frontends.shell import Redirect
from hmp.terminal.screen_output import ScreenOutput


class Pipe:
    """An output whose text goes into a pipe."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)
        self.output = ScreenOutput(Sink(self.writing), "")

    def text(self) -> str:
        """Return what was written since the last time."""
        try:
            return os.read(self.reading, 65536).decode()
        except BlockingIOError:
            return ""


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """An output, and the other end of what it writes to."""
    made = Pipe()
    yield made
    os.close(made.reading)
    os.close(made.writing)


def test_text_is_written_at_once(pipe: Pipe) -> None:
    """Without a prompt there is nothing to write it above of."""
    asyncio.run(pipe.output.show("a\n"))

    assert pipe.text() == "a\n"


def test_a_progress_line_is_taken_away(pipe: Pipe) -> None:
    """Before the next text; so are echoed keys in a row where nothing was written."""
    pipe.output.progress("job", 1, 2)
    assert "50%" in pipe.text()
    pipe.output.write("a\n")
    pipe.output.write("b\n")

    assert pipe.text() == "\r\x1b[Ka\n\r\x1b[Kb\n"
    pipe.output.write("c")
    pipe.output.write("d\n")
    assert pipe.text() == "\r\x1b[Kcd\n"
    asyncio.run(pipe.output.shell("true"))
    pipe.text()
    pipe.output.write("after what a program may have written\n")
    assert "\x1b" not in pipe.text()


@pytest.mark.parametrize("kind", ["|", ">"])
def test_a_progress_line_is_taken_away_from_a_result_that_goes_elsewhere(
    kind: str, pipe: Pipe, tmp_path: Path
) -> None:
    """The program's output, and the next prompt, begin at the edge of the screen."""
    pipe.output.progress("job", 1, 2)
    pipe.text()
    target = f"cat > {tmp_path}/a" if kind == "|" else f"{tmp_path}/a"
    asyncio.run(pipe.output.redirect("text", Redirect(kind, target)))

    assert pipe.text() == "\r\x1b[K"
    assert (tmp_path / "a").read_text() == "text"


def test_what_is_shown_meanwhile_waits(pipe: Pipe) -> None:
    """While something is drawn over and over, and while another has the terminal."""

    async def run() -> None:
        with pipe.output.held():
            await pipe.output.show("late\n")
            pipe.output.write("drawn\n")
        assert pipe.text() == "drawn\n\r\x1b[Klate\n"
        pipe.output.suspend()
        await pipe.output.show("later\n")
        assert pipe.text() == "\r\x1b[K"
        pipe.output.interrupt()
        pipe.output.resume()

    asyncio.run(run())

    assert pipe.text() == "\n\r\x1b[Klater\n"
    assert not pipe.output.suspended


@pytest.mark.parametrize(
    ("kind", "content"), [(">", "new\n"), (">>", "old\nnew\n"), ("|", "new\n")]
)
def test_results_go_elsewhere(pipe: Pipe, tmp_path: Path, kind: str, content: str) -> None:
    """Into a file, behind what is in one, or through a shell command."""
    path = tmp_path / "f"
    path.write_text("old\n")
    target = f"cat > {path}" if kind == "|" else str(path)
    problem = asyncio.run(pipe.output.redirect("new\n", Redirect(kind, target)))

    assert (problem, path.read_text()) == ("", content)


@pytest.mark.parametrize(
    ("redirect", "problem"),
    [
        (Redirect(">", "/nonexistent/f"), "cannot write /nonexistent/f: No such file"),
        (Redirect("|", "exit 3"), "'exit 3' ended with status 3"),
        (Redirect("|", "grep nothing"), ""),
    ],
)
def test_what_went_wrong_is_told(pipe: Pipe, redirect: Redirect, problem: str) -> None:
    """grep that finds nothing is no problem."""
    assert asyncio.run(pipe.output.redirect("x\n", redirect)).startswith(problem)
    assert bool(problem) == bool(asyncio.run(pipe.output.redirect("x\n", redirect)))
