from __future__ import annotations

import json
import math
import os
import re
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hmp.display import make_writer
from hmp.display.event_text import event_line
from hmp.display.json_output import JsonWriter, QueryError, RawWriter
from hmp.display.output import RichWriter, TextWriter, Writer
from hmp.display.sink import Sink
from hmp.monitor.errors import CommandFailedError
from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession

FILENAME = "a\x1b[31m[bold]\u202e"
EVENT = {
    "event": "STOP",
    "data": {"id": "x"},
    "timestamp": {"seconds": 1, "microseconds": 2},
}
ANSWERS: dict[str, Any] = {
    "query-name": {"name": "vm"},
    "query-uuid": {"UUID": "u"},
    "query-chardev": [{"label": "c0", "filename": FILENAME, "frontend-open": True}],
    "query-status": {"oops": 1},
    "query-balloon": QMPError("No balloon", "DeviceNotActive"),
    "stop": {},
}
LINES = {
    "info kvm": "kvm support: enabled\r\n",
    "loadvm x": "Error: no disk\r\n",
    "set_password vnc hunter2": "",
}


class Ends:
    """The two streams of a program, each a pipe or a terminal."""

    def __init__(self, terminal: bool = False, joined: bool = False) -> None:
        self.open: list[int] = []
        self.out_end, self.out = self._make(terminal)
        self.err_end, self.err = (
            (self.out_end, self.out) if joined else self._make(terminal)
        )

    def _make(self, terminal: bool) -> tuple[int, Sink]:
        outer, inner = os.openpty() if terminal else os.pipe()
        if terminal:
            tty.setraw(inner)
        os.set_blocking(outer, False)
        self.open += [outer, inner]
        return outer, Sink(inner)

    def read(self) -> tuple[str, str]:
        """Return what has come out of both since the last time."""
        return _read(self.out_end), _read(self.err_end)

    def close(self) -> None:
        """Close all ends."""
        for fd in self.open:
            os.close(fd)


def _read(fd: int) -> str:
    data = b""
    while True:
        try:
            data += os.read(fd, 1 << 16)
        except BlockingIOError:
            return data.decode()


@pytest.fixture
def pipes() -> Iterator[Ends]:
    """Return two pipes."""
    ends = Ends()
    yield ends
    ends.close()


@pytest.fixture
def terminals() -> Iterator[Ends]:
    """Return two terminals."""
    ends = Ends(terminal=True)
    yield ends
    ends.close()


def shown(writer: Writer, *lines: str) -> None:
    """Run lines on a fake machine, and show and flush what comes."""
    session = FakeSession(ANSWERS, LINES)
    session.machine.fills = False
    for line in lines:
        writer.show(session.call(line))
    writer.flush()


def test_a_sink_gathers_until_it_is_flushed(pipes: Ends) -> None:
    """Writes are cheap, and come out in one piece and in order."""
    pipes.out.write("a")
    pipes.out.write("b\n")
    before = pipes.read()
    pipes.out.flush()

    assert before == ("", "")
    assert pipes.read() == ("ab\n", "")
    pipes.out.flush()
    assert pipes.read() == ("", "")


@pytest.mark.parametrize("style", ["text", "json", "rich"])
def test_a_long_script_does_not_gather_all_that_it_prints(
    style: str, tmp_path: Path
) -> None:
    """When there is much, it is written out behind the line."""
    path = tmp_path / "out"
    machine = FakeSession({"query-name": {"name": "x" * 40_000}})
    with path.open("wb") as file:
        writer = make_writer(style, Sink(file.fileno()), Sink(file.fileno()))
        writer.show(machine.call("info name"))
        before = path.stat().st_size
        writer.show(machine.call("info name"))

    assert before == 0
    assert path.read_text().count("x") == 80_000


@pytest.mark.parametrize("style", ["text", "json", "rich"])
def test_a_reader_that_goes_away_is_no_failure_of_a_command(style: str) -> None:
    """It is found out behind a line, where whoever runs the script can see it."""
    reading, writing = os.pipe()
    os.close(reading)
    writer = make_writer(style, Sink(writing), Sink(writing))
    call = FakeSession({"query-name": {"name": "x" * 70_000}}).call("info name")

    with pytest.raises(BrokenPipeError):
        writer.show(call)
    assert call.error is None
    os.close(writing)


def test_a_pipe_that_does_not_block_is_waited_for(pipes: Ends) -> None:
    """Whoever gave us our standard output may have made it so."""
    os.set_blocking(pipes.out.fd, False)
    os.set_blocking(pipes.out_end, True)
    text = "x" * 1_000_000
    read: list[bytes] = []

    def reader() -> None:
        while sum(map(len, read)) < len(text):
            read.append(os.read(pipes.out_end, 1 << 16))

    thread = threading.Thread(target=reader)
    thread.start()
    pipes.out.write(text)
    pipes.out.flush()
    thread.join()

    assert b"".join(read) == text.encode()


def test_a_sink_knows_a_terminal(pipes: Ends, terminals: Ends) -> None:
    """... from a pipe."""
    assert terminals.out.terminal
    assert not pipes.out.terminal


def test_only_a_terminal_is_protected(pipes: Ends, terminals: Ends) -> None:
    """A pipe gets what the machine sent, to the byte."""
    for ends in (pipes, terminals):
        ends.out.write(f"{FILENAME}\t\n")
        ends.out.flush()

    assert pipes.read()[0] == f"{FILENAME}\t\n"
    assert terminals.read()[0] == "a\\x1b[31m[bold]\\u202e\t\n"


def test_our_own_codes_reach_a_terminal(terminals: Ends) -> None:
    """Views are made of them."""
    terminals.out.write("\x1b[1mbold\x1b[0m\n", ours=True)
    terminals.out.flush()

    assert terminals.read()[0] == "\x1b[1mbold\x1b[0m\n"


def test_what_cannot_be_encoded_is_shown_as_an_escape(pipes: Ends) -> None:
    """Half a character, as JSON can have it, is no reason to fail."""
    pipes.out.write("\ud800é\n")
    pipes.out.flush()

    assert pipes.read()[0] == "\\ud800é\n"


def test_a_reader_that_went_away_is_a_broken_pipe(pipes: Ends) -> None:
    """Who writes on learns it, once: what could not be written is not kept."""
    sink = pipes.out
    sink.write("lost\n")
    os.close(pipes.out_end)
    pipes.open.remove(pipes.out_end)

    with pytest.raises(BrokenPipeError):
        sink.flush()
    sink.flush()


@pytest.mark.parametrize(
    ("style", "kind"), [("text", TextWriter), ("json", JsonWriter), ("rich", RichWriter)]
)
def test_each_style_has_a_writer(style: str, kind: type[Writer], pipes: Ends) -> None:
    """The names are those of the option --output."""
    assert type(make_writer(style, pipes.out, pipes.err)) is kind
    raw = RawWriter if style == "json" else kind
    assert type(make_writer(style, pipes.out, pipes.err, raw=True)) is raw


@pytest.mark.parametrize(
    ("query", "line", "written"),
    [
        ("[].label", "info chardev", "c0\n"),
        ("[0].{a: label}", "info chardev", '{"a": "c0"}\n'),
        ("name", "info name", "vm\n"),
        ("name == 'vm'", "info name", "true\n"),
        ("nothing", "qmp query-status", "null\n"),
        (None, "info name", "vm\n"),
        ("x", "info kvm", "kvm support: enabled\n"),
    ],
)
def test_selected_values_are_lines(
    query: str | None, line: str, written: str, pipes: Ends
) -> None:
    """Strings as they are; a text stays one."""
    shown(RawWriter(pipes.out, pipes.err, query), line)

    assert pipes.read() == (written, "")


@pytest.mark.parametrize(
    ("writer", "query", "written"),
    [
        (TextWriter, None, f"{event_line(EVENT)}\n"),
        (JsonWriter, None, f"{json.dumps(EVENT)}\n"),
        (JsonWriter, "data.id", '"x"\n'),
        (RawWriter, "data.id", "x\n"),
        (RawWriter, "[event, data]", 'STOP\n{"id": "x"}\n'),
    ],
)
def test_events_are_written_at_once(
    writer: Any, query: str | None, written: str, pipes: Ends
) -> None:
    """In the style of the results; a query looks into them, too."""
    arguments = () if query is None else (query,)
    writer(pipes.out, pipes.err, *arguments).event(EVENT)

    assert pipes.read() == (written, "")


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("[", "--query [: "),
        ("a b", "--query a b: "),
        ("[" * 5000, "--query: the expression is nested too deeply"),
    ],
)
def test_a_query_that_is_none(query: str, error: str, pipes: Ends) -> None:
    """It is refused before anything runs."""
    with pytest.raises(QueryError, match=re.escape(error)):
        make_writer("json", pipes.out, pipes.err, query)


def test_a_query_that_fails_is_the_failure_of_its_line(pipes: Ends) -> None:
    """In one line, with the reason."""
    shown(JsonWriter(pipes.out, pipes.err, "abs(@)"), "info name")
    shown(RawWriter(pipes.out, pipes.err, "abs(@)"), "info name")
    out, err = pipes.read()

    assert [record["error"]["class"] for record in records(out)] == ["GenericError"]
    assert err.startswith("Error: --query: In function abs(), invalid type")
    assert err.count("\n") == 1


def test_text_is_what_qemus_monitor_prints(pipes: Ends) -> None:
    """Results on one stream, errors on the other, silence for success without text."""
    shown(
        TextWriter(pipes.out, pipes.err),
        "info name",
        "stop",
        "info balloon",
        "info kvm",
        "loadvm x",
        "nope x",
    )

    assert pipes.read() == (
        "vm\nkvm support: enabled\n",
        "Error: No balloon\nError: no disk\nunknown command: 'nope'\n",
    )


@pytest.mark.parametrize("style", ["text", "rich"])
def test_both_streams_together_are_in_order(style: str) -> None:
    """With 2>&1 a program reads results and errors as they came."""
    ends = Ends(joined=True)
    shown(
        make_writer(style, ends.out, ends.err),
        "info name",
        "info balloon",
        "info uuid",
        "loadvm x",
        "info kvm",
    )

    assert _read(ends.out_end) == (
        "vm\nError: No balloon\nu\nError: no disk\nkvm support: enabled\n"
    )
    ends.close()


@pytest.mark.parametrize("style", ["text", "rich"])
def test_a_reply_of_the_wrong_shape(style: str, pipes: Ends) -> None:
    """It is an error on standard error; the next line is shown."""
    shown(make_writer(style, pipes.out, pipes.err), "info status", "info name")
    out, err = pipes.read()

    assert out == "vm\n"
    assert " ".join(err.split()) == (
        "Error: the machine's reply to 'query-status' does not match its schema: it must"
        " have the member 'running'"
    )


def test_the_machines_strings_are_harmless_on_a_terminal(terminals: Ends) -> None:
    """In text and in views, results and errors."""
    machine = FakeSession(
        {**ANSWERS, "query-balloon": QMPError("bad \x1b]0;title\x07")}, LINES
    )
    for writer in (
        TextWriter(terminals.out, terminals.err),
        RichWriter(terminals.out, terminals.err),
    ):
        for line in ("info chardev", "info balloon"):
            writer.show(machine.call(line))
        writer.flush()
    out, err = terminals.read()

    assert out.count("a\\x1b[31m[bold]\\u202e") == 2
    assert err.count("bad \\x1b]0;title\\x07") == 2
    assert "\x07" not in out + err
    assert "\x1b[31m" not in out
    assert "\x1b]" not in err


def records(text: str) -> list[dict[str, Any]]:
    """Return the objects in lines of JSON."""
    return [json.loads(line) for line in text.splitlines()]


def test_json_is_one_object_a_line(pipes: Ends) -> None:
    """Value, text or error, and all of it on standard output."""
    shown(
        JsonWriter(pipes.out, pipes.err),
        "info name",
        "stop",
        "info kvm",
        "info balloon",
        "loadvm x",
        " cpu x ",
    )
    out, err = pipes.read()

    assert err == ""
    assert records(out) == [
        {"line": "info name", "return": {"name": "vm"}},
        {"line": "stop", "return": {}},
        {"line": "info kvm", "text": "kvm support: enabled\n"},
        {
            "line": "info balloon",
            "error": {"class": "DeviceNotActive", "desc": "No balloon"},
        },
        {"line": "loadvm x", "error": {"class": "GenericError", "desc": "no disk"}},
        {
            "line": " cpu x ",
            "error": {
                "class": "GenericError",
                "desc": "invalid char 'x' in expression",
                "column": 5,
            },
        },
    ]


def test_json_has_the_value_whatever_it_is(pipes: Ends) -> None:
    """No presentation is asked, so none can fail; a line end stays within its string."""
    shown(JsonWriter(pipes.out, pipes.err), "qmp query-status", "info chardev")
    out, _ = pipes.read()

    assert [record["return"] for record in records(out)] == [
        ANSWERS["query-status"],
        ANSWERS["query-chardev"],
    ]
    assert out.isascii()


def test_json_shows_no_password(pipes: Ends) -> None:
    """The line is there without it."""
    shown(JsonWriter(pipes.out, pipes.err), "set_password vnc hunter2")

    assert records(pipes.read()[0])[0]["line"] == "set_password vnc ***"


def test_a_complaint_comes_behind_all_results(pipes: Ends) -> None:
    """What was gathered for standard output is written first."""
    writer = TextWriter(pipes.out, pipes.err)
    writer.out.write("result\n")
    writer.complain("trouble\n")

    assert pipes.read() == ("result\n", "trouble\n")


def test_flush_empties_both_streams(pipes: Ends) -> None:
    """An embedded machine prints on standard error when results are JSON."""
    writer = JsonWriter(pipes.out, pipes.err)
    writer.out.write("{}\n")
    writer.err.write("Hello, world\n")
    writer.flush()

    assert pipes.read() == ("{}\n", "Hello, world\n")


def test_the_error_of_a_call_is_shown_as_it_is(pipes: Ends) -> None:
    """A handler's text has its own line ends, or none."""
    session = FakeSession(ANSWERS)
    call = session.call("stop")
    call.error = CommandFailedError("no end")
    TextWriter(pipes.out, pipes.err).show(call)

    assert pipes.read() == ("", "no end")


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_has_not_is_an_error(number: float, pipes: Ends) -> None:
    """What is printed is JSON, always; the command has failed."""
    session = FakeSession({"query-balloon": {"actual": number}})
    call = session.call("qmp query-balloon")
    JsonWriter(pipes.out, pipes.err).show(call)
    pipes.out.flush()

    printed = json.loads(pipes.read()[0], parse_constant=pytest.fail)
    assert "NaN or infinity" in printed["error"]["desc"]
    assert call.error is not None
