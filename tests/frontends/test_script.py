from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hmp.display.output import Writer
from hmp.display.sink import Sink
from hmp.frontends.lines import Lines, read_lines, split_lines
from hmp.frontends.script import Script, answer, drive
from hmp.monitor.call import Call
from hmp.qmp.errors import MachineGoneError, QMPError
from tests.fakes import FakeSession
from tests.growth import assert_linear
from tests.program import run as hmp

ANSWERS: dict[str, Any] = {
    "query-name": {"name": "vm"},
    "query-uuid": {"UUID": "u"},
    "query-balloon": QMPError("No balloon"),
    "query-status": MachineGoneError("it closed the connection"),
    "stop": {},
    "quit": {},
}


class Pipe:
    """A pipe, whose reading end is what is tested."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()

    def write(self, data: bytes) -> None:
        """Let data arrive."""
        os.write(self.writing, data)

    def end(self) -> None:
        """Let the end arrive."""
        os.close(self.writing)
        self.writing = -1


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """Return a pipe."""
    made = Pipe()
    yield made
    os.close(made.reading)
    if made.writing >= 0:
        made.end()


class Kept(Writer):
    """A writer that keeps what it is to show."""

    def __init__(self) -> None:
        super().__init__(Sink(1), Sink(2))
        self.shown: list[str] = []

    def show(self, call: Call) -> None:
        """Keep the text of a call."""
        self.shown.append(call.text() if call.error is None else call.error_text())


def run(*lines: bytes, stop: bool = False) -> tuple[Script, bool, list[str]]:
    """Run lines; return the script, whether it would go on, and what it showed."""
    writer = Kept()
    script = Script(FakeSession(ANSWERS, has_hmp=False).monitor, writer, stop)
    return script, script.run(lines), writer.shown


def test_lines_come_as_they_arrive(pipe: Pipe) -> None:
    """What is there is given out before more is waited for."""
    waits: list[int] = []
    lines = read_lines(pipe.reading, lambda: waits.append(1))
    pipe.write(b"one\ntwo\nthr")

    assert [next(lines), next(lines)] == [b"one", b"two"]
    assert len(waits) == 1
    pipe.write(b"ee\n")
    assert next(lines) == b"three"
    assert len(waits) == 2
    pipe.write(b"four")
    pipe.end()
    assert list(lines) == [b"four"]
    assert len(waits) == 4


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\nb", [b"a", b"b"]),
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"a\r\n\r\nb", [b"a", b"", b"b"]),
        (b"a\rb\n", [b"a\rb"]),
        (b"a\r\r\n", [b"a\r"]),
        (b"\xff\xfe\n\0\n", [b"\xff\xfe", b"\0"]),
        (b"\xc3\xa9\n", [b"\xc3\xa9"]),
        (b"a\x0bb\x0c\n", [b"a\x0bb\x0c"]),
        (b"a\xe2\x80\xa8b\n", [b"a\xe2\x80\xa8b"]),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_line_ends(pipe: Pipe, data: bytes, lines: list[bytes], size: int) -> None:
    """Only a line feed ends a line, with a carriage return before it or not."""
    for start in range(0, len(data), size):
        pipe.write(data[start : start + size])
    pipe.end()

    assert list(read_lines(pipe.reading, lambda: None)) == lines


def test_a_pipe_that_does_not_block_is_waited_for(pipe: Pipe) -> None:
    """Whoever gave us our standard input may have made it so."""
    os.set_blocking(pipe.reading, False)

    def arrive() -> None:
        pipe.write(b"a\n")
        pipe.end()

    later = threading.Timer(0.05, arrive)
    later.start()

    assert list(read_lines(pipe.reading, lambda: None)) == [b"a"]
    later.join()


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", [b""]),
        (b"a", [b"a"]),
        (b"a\nb\n", [b"a", b"b", b""]),
        (b"a\r\nb\r", [b"a", b"b"]),
    ],
)
def test_a_file_has_the_same_lines(data: bytes, lines: list[bytes]) -> None:
    """A blank one more at the end does nothing."""
    assert split_lines(data) == lines


def test_a_coroutine_that_never_waits_is_driven_to_its_value() -> None:
    """No event loop is needed."""

    async def inner() -> int:
        return 6

    async def outer() -> int:
        return await inner() * 7

    assert drive(outer()) == 42


def test_what_a_coroutine_raises_comes_out() -> None:
    """As if it were a function."""

    async def wrong() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        drive(wrong())


def test_a_coroutine_that_waits_is_a_clear_mistake() -> None:
    """It is closed, so that Python does not complain of it as well."""
    cleaned: list[bool] = []

    async def waits() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            cleaned.append(True)

    with pytest.raises(RuntimeError, match="needs an event loop"):
        drive(waits())
    assert cleaned == [True]


def test_lines_run_one_after_the_other() -> None:
    """All went well, and there may be more of them elsewhere."""
    script, on, shown = run(b"info name", b"info uuid", b"stop")

    assert shown == ["vm\n", "u\n", ""]
    assert (script.failed, on) == (False, True)


@pytest.mark.parametrize(
    "line", [b"", b"  ", b"\t", b"#", b"# info name", b"#nope", b"  # x"]
)
def test_blank_lines_and_comments_are_skipped(line: bytes) -> None:
    """They show nothing, not even in JSON."""
    script, _, shown = run(line, b"info name")

    assert shown == ["vm\n"]
    assert not script.failed


def test_a_sign_elsewhere_is_no_comment() -> None:
    """Only the first character that is no blank counts."""
    _, _, shown = run(b"info name # x")

    assert shown[0].startswith("name: extraneous characters")


def test_a_line_of_other_bytes_is_named() -> None:
    """By its file and its number there."""
    script, _, shown = run(b"info name")
    script.run([b"info name", b"# \xff", b"info \xff"], "setup.hmp")

    assert shown[-1] == "Error: setup.hmp:3: the line is not valid UTF-8 at byte 6\n"


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    """Some editors write one."""
    assert split_lines(b"\xef\xbb\xbfinfo name\r\nstop") == [b"info name", b"stop"]


def test_a_failure_does_not_stop_a_script() -> None:
    """... which remembers it."""
    script, on, shown = run(b"info balloon", b"info name")

    assert shown == ["Error: No balloon\n", "vm\n"]
    assert (script.failed, on) == (True, True)


@pytest.mark.parametrize("line", [b"info balloon", b"nope", b"info name x", b"\xff"])
def test_a_failure_stops_a_script_that_wants_it(line: bytes) -> None:
    """Nothing runs behind it, also from another source."""
    script, on, shown = run(b"info name", line, b"info uuid", stop=True)

    assert len(shown) == 2
    assert shown[0] == "vm\n"
    assert (script.failed, on) == (True, False)


def test_quit_ends_a_script() -> None:
    """The machine is told to end; what follows cannot run, and is no failure."""
    script, on, shown = run(b"info name", b"quit", b"info uuid")

    assert shown == ["vm\n", ""]
    assert (script.failed, on) == (False, False)


def test_bytes_that_are_no_text_fail_as_a_line() -> None:
    """The error says where; nothing is sent to the machine."""
    script, _, shown = run(b"info n\xffme", b"info name")

    assert shown == ["Error: the line is not valid UTF-8 at byte 7\n", "vm\n"]
    assert script.failed


def test_a_machine_that_is_gone_ends_everything() -> None:
    """That is for whoever runs the script."""
    with pytest.raises(MachineGoneError, match="it closed the connection"):
        run(b"info status", b"info name")


def test_a_fifo_without_a_writer_is_given_up(tmp_path: Path) -> None:
    """After ``--timeout``, as whatever else waits."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = Kept()
    script = Script(FakeSession().monitor, writer, False)
    script.monitor.connection.timeout = 0.05
    script.run([f"source {fifo}".encode()])

    text = f"Error: cannot read {fifo}: nothing came within the time limit\n"
    assert writer.shown == [text]


def test_lines_run_before_the_next_ones_are_asked_for() -> None:
    """A program that waits for a result before it writes on is served."""
    writer = Kept()
    seen: list[int] = []

    def lines() -> Iterator[bytes]:
        for line in (b"info name", b"info uuid"):
            seen.append(len(writer.shown))
            yield line
        seen.append(len(writer.shown))

    Script(FakeSession(ANSWERS).monitor, writer, False).run(
        Lines([line] for line in lines())
    )

    assert seen == [0, 1, 2]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("info name", "vm\n"),
        ("info balloon", "Error: No balloon\n"),
        ("nope", "unknown command: 'nope'\n"),
        ("stop", ""),
        ("", ""),
    ],
)
def test_an_answer_is_the_text_of_a_line(line: str, text: str) -> None:
    """For the human-monitor-command of a machine in this process."""
    assert answer(FakeSession(ANSWERS, has_hmp=False).monitor, line) == text


@pytest.mark.parametrize(
    "line",
    [
        "hello-world {}",
        "{}",
        "info {}",
        "savevm {}",
        "device_add a={}",
        "set_link {}",
        "qmp query-status {}",
        "qmp x a={}",
        "qom-set / x {}",
    ],
)
@pytest.mark.parametrize("text", ["x", '"', "a ", "a=b,", "1+", '\\"', "="])
def test_a_long_line_is_run_in_linear_time(line: str, text: str) -> None:
    """Whatever it holds; most of them end in an error."""

    def run(words: str) -> None:
        for quote in ("", '"'):
            FakeSession().call(line.format(f"{quote}{words}{quote}"))

    assert_linear(lambda size: text * (size // len(text)), run, 1 << 13)


def test_a_long_line_comes_in_many_pieces() -> None:
    """And is one line."""

    def read(data: bytes) -> None:
        ours, theirs = os.pipe()
        writer = threading.Thread(target=_write_all, args=(theirs, data))
        writer.start()
        assert [len(line) for line in read_lines(ours, lambda: None)] == [len(data)]
        writer.join()
        os.close(ours)

    assert_linear(lambda size: b"x" * size, read, 1 << 21)


def _write_all(fd: int, data: bytes) -> None:
    with open(fd, "wb", buffering=0) as file:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]


@pytest.mark.parametrize(
    ("option", "advice"), [(["-c", "info status | grep run"], 1), ([], 0)]
)
def test_the_pipe_of_a_script_is_explained(option: list[str], advice: int) -> None:
    """After QEMU's own text; a program that writes lines gets that text alone."""
    done = hmp(*option, script="" if option else "info status | grep run\n")

    lines = done.stderr.splitlines()
    assert lines[:2] == [
        "status: extraneous characters at the end of line",
        'Try "help info status" for more information',
    ]
    assert len(lines) == 2 + advice
    assert all("outside the quotes" in line for line in lines[2:])


@pytest.mark.parametrize("option", [["-c", "info block"], []])
def test_the_demonstration_machine_says_what_it_is(option: list[str]) -> None:
    """Where it lacks a command of QEMU; no program reads its errors for QEMU's."""
    done = hmp(*option, script="" if option else "info block\n")

    assert done.stderr.splitlines() == [
        "Error: this machine has no QMP command 'query-block', which this needs",
        "This is a demonstration machine; for a real one: hmp NAME or SOCKET (hmp --list)",
    ]
