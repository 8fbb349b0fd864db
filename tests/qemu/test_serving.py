"""The same bytes to our QMP server and to QEMU's: the same replies."""

from __future__ import annotations

import json
import os
import random
import socket
import termios
import time
from array import array
from collections.abc import Iterable, Iterator
from fcntl import ioctl
from pathlib import Path
from typing import Any

import pytest

from tests.qemu.machines import RunningQemu
from tests.serving.program import LIMIT, Program

Message = dict[str, Any]
NEGOTIATE = b'{"execute": "qmp_capabilities", "id": "begin"}'
# what no token can hold: whatever was open before is an error now, and over
RESYNC = b"\xff\n"
MARK = b'{"execute": "query-name", "id": "mark"}\n'
MARKED = {"return": {}, "id": "mark"}


class Side:
    """A client of one of the two servers."""

    def __init__(self, path: str) -> None:
        deadline = time.monotonic() + LIMIT
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(LIMIT)
        while True:
            try:
                self.socket.connect(path)
                break
            except (FileNotFoundError, ConnectionRefusedError):
                assert time.monotonic() < deadline
                time.sleep(0.01)
        self.file = self.socket.makefile("rb")
        assert "QMP" in self.read()

    def read(self) -> Any:
        """Return the next message; as bytes, where Python's parser cannot read it."""
        line = self.file.readline()
        assert line, "the connection has ended"
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            return line

    def negotiate(self, *enable: str) -> None:
        """Begin."""
        request = {"execute": "qmp_capabilities", "arguments": {"enable": list(enable)}}
        self.socket.sendall(json.dumps(request).encode())
        assert self.read() == {"return": {}}

    def ask(self, *pieces: bytes) -> list[Any]:
        """Return what comes of pieces that the server reads one by one."""
        for piece in pieces:
            self.socket.sendall(piece)
            self._wait_until_read()
        self.socket.sendall(RESYNC + MARK)
        return [shape(message) for message in iter(self.read, MARKED)]

    def _wait_until_read(self) -> None:
        left = array("i", [1])
        deadline = time.monotonic() + LIMIT
        while left[0]:
            ioctl(self.socket, termios.TIOCOUTQ, left)
            assert time.monotonic() < deadline

    def close(self) -> None:
        """End the connection."""
        self.file.close()
        self.socket.close()


def shape(message: Any) -> Any:
    """Return what has to be the same of a message: of values only what they are."""
    if isinstance(message, bytes):
        return message
    if "event" in message:
        return {**message, "timestamp": sorted(message["timestamp"])}
    if "return" in message:
        return {**message, "return": kind(message["return"])}
    return message


def kind(value: Any) -> Any:
    """Return what a value is made of: its members, and those of its first item."""
    if isinstance(value, list):
        return [kind(item) for item in value[:1]]
    if isinstance(value, dict):
        # the newest QEMUs do not have it any more
        return {name: kind(item) for name, item in value.items() if name != "singlestep"}
    return type(value).__name__


Pair = tuple[Side, Side]


@pytest.fixture(scope="module")
def our_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Our server: the program, as people start it."""
    path = tmp_path_factory.mktemp("q") / "q"
    with Program("-monitor", "none", "-qmp", f"unix:{path},server=on,wait=off"):
        yield str(path)


@pytest.fixture
def fresh(bare_qemu: RunningQemu, our_path: str) -> Iterator[Pair]:
    """A client on each side, before negotiation."""
    if bare_qemu.version >= (11,):
        pytest.skip(
            "this QEMU words parse errors anew, with positions; see hmp.qmp.qjson.reader"
        )
    sides = Side(our_path), Side(bare_qemu.path)
    yield sides
    for side in sides:
        side.close()


@pytest.fixture
def pair(fresh: Pair) -> Pair:
    """A client on each side, behind negotiation."""
    for side in fresh:
        side.negotiate()
    return fresh


def check(pair: Pair, cases: Iterable[bytes | tuple[bytes, ...]]) -> int:
    """Check that all cases get the same replies; return how many there were."""
    wrong, count = [], 0
    for case in cases:
        pieces = case if isinstance(case, tuple) else (case,)
        count += 1
        ours, theirs = (side.ask(*pieces) for side in pair)
        if ours != theirs:
            wrong.append(
                f"{case!r:.500}\n  ours:   {ours!r:.800}\n  QEMU's: {theirs!r:.800}"
            )
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong[:20])
    return count


def request(command: object, arguments: object = None, **more: object) -> bytes:
    """Return a request as bytes."""
    message: Message = {"execute": command, **more}
    if arguments is not None:
        message["arguments"] = arguments
    return json.dumps(message).encode()


COMMANDS = (
    "query-version",
    "query-name",
    "query-uuid",
    "query-status",
    "query-commands",
    "query-qmp-schema",
    "qmp_capabilities",
    "stop",
    "cont",
)
"""Those that both have, which take nothing and harm nothing."""


def test_commands(pair: Pair) -> None:
    """Well-formed requests, with arguments that are wrong, with ids of any kind."""
    cases = []
    for name in COMMANDS:
        cases += [
            request(name),
            request(name, {}),
            request(name, {}, id=1),
            request(name, {"foo": 1}),
            request(name, {"foo": {"bar": []}}, id="x"),
            request(name, {"": 1}),
            request(name, [], id=7),
            request(name, "x"),
            request(name, 1),
            request(name, foo=1, id=[1]),
            request(name, {"foo": 1}, bar=1),
        ]
    for id_ in (
        None,
        True,
        False,
        0,
        -1,
        1.5,
        1e300,
        1 << 63,
        (1 << 64) - 1,
        -(1 << 63),
        "",
        "x",
        'é"\\\x7f\u2028\U0001f600',
        [],
        {},
        [1, {"a": [None, 1.5]}],
        {"": ""},
    ):
        cases += [request("query-name", id=id_), request("nonsense", id=id_)]
    for name in ("", "nonsense", "QUERY-NAME", "query-name ", "é", "a\0b", "x" * 1000):
        cases.append(request(name))
    assert check(pair, cases) > 130


HUMAN: list[dict[str, object]] = [
    {},
    {"command-line": ""},
    {"command-line": " "},
    {"command-line": "info status"},
    {"command-line": "info status", "cpu-index": "x"},
    {"command-line": "info status", "cpu-index": 1.5},
    {"command-line": "info status", "cpu-index": 1 << 63},
    {"command-line": "info status", "cpu-index": 1},
    {"command-line": "info status", "cpu-index": -1},
    {"command-line": "info status", "cpu-index": None},
    {"command-line": 1},
    {"command-line": None},
    {"command-line": ["x"]},
    {"command-line": "x", "foo": 1},
    {"command_line": "x"},
]


def test_human_monitor_command(pair: Pair) -> None:
    """Its arguments; what lines print is compared elsewhere."""
    check(pair, (request("human-monitor-command", arguments) for arguments in HUMAN))


MESSAGES = [
    *rb"""
{}
[]
[{}]
"x"
'x'
}
]
}}
{]
[}
{[}]
,
:
{,}
{:}
[,]
[1,]
[1 2]
{'a' 1}
{'a':1,}
{1:2}
{null:1}
{[]:1}
{'a':1 'b':2}
{'a'}
{'a':}
{'a':,}
{'execute':'query-name','execute':'stop'}
{'id':1,'id':2}
{'a':{'b':1,'b':2}}
{'execute':1}
{'execute':null}
{'execute':{}}
{'execute':['query-name']}
{'arguments':{}}
{'arguments':1}
{'id':1}
{'id':1,'foo':2}
{'foo':1}
{'execute':'x','arguments':null}
{'execute':1,'arguments':1}
{'exec-oob':'query-name'}
{'exec-oob':1}
{'execute':'x','exec-oob':'x'}
{'exec-oob':'x','arguments':1,'id':2}
{'exec-oob':'x','foo':1}
{'execute':'query-name'}{'execute':'query-name','id':1}
{'execute':'stop'}{'execute':'cont'}{'execute':'stop'}{'execute':'cont'}
{}{}{}
{} x {}
@#$%^&*()
# x
// x
/* x */
{'execute':'query-name'
{'execute':'query-na
'
"
[[[
{{{
""".strip().split(b"\n"),
    b"1 ", b"-1.5e3 ", b"null ", b"true ", b"nonsense ", b"nul ", b"True ", b"NaN ",
    b"\n\n\r\n \t", b"# x\n{}", b"\x00", b"\x01\x02", b"\x7f", b"\xfe",
    b"\xef\xbb\xbf{}", b"{\x00}", b"{'a\x01':1}", b"{'a\n':1}", b"'x\ty'",
]  # fmt: skip


def test_messages(pair: Pair) -> None:
    """What is a request, what is none, and what is no JSON at all."""
    check(pair, MESSAGES)


STRINGS = [
    *rb"""
\b\f\n\r\t\/\\
\'\"
\u0041 \u00e9 \u0000
\u000
\uzzzz
\ud83d\ude00
\ud83d
\ude00
\ud83d\u0041
\ud83dx
\ud83d\n
\x41
\a
\0
\U0001f600
\uFFFE
\uffff
\ufdd0
%s %% %p%i%lld
a'b
a"b
\
""".strip().split(b"\n"),
    b"\xc3\xa9", b"\xe2\x82\xac", b"\xf0\x9f\x98\x80", b"\xc3", b"\xe2\x82", b"\xa9",
    b"\x80", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xed\xb0\x80",
    b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80", b"\x1f", b"\x7f", b"x" * 5000,
]  # fmt: skip
NUMBERS = rb"""
0 -0 00 01 -01 - --1 +1 .5 5. -.5 1.5.5 0.0 -0.0 0e1 0E0 1e5 1E+5 1e-5 1e 1e+ 1e5.5 1.e5
9223372036854775807 9223372036854775808 18446744073709551615 18446744073709551616
-9223372036854775808 -9223372036854775809 1111111111111111111111111111111111111111111111111
1e308 1e309 -1e309 1e-400 0x10 1a 1_000 0.1234567890123456789 2.5e-324 123456789.125
1.7976931348623157e308 12345678901234567890123.5 Infinity -Infinity NaN nan inf true1 nulll
""".split()


def test_strings(pair: Pair) -> None:
    """Escapes, bytes that are no UTF-8, both quotes: as ids, keys, names of commands."""
    cases = []
    for text in STRINGS:
        for quote in (b"'", b'"'):
            string = quote + text + quote
            cases += [
                b"{'execute':'query-name','id':" + string + b"}",
                b"{'execute':" + string + b"}",
                b"{" + string + b":1}",
                string,
            ]
    assert check(pair, cases) > 300


def test_numbers(pair: Pair) -> None:
    """They come back as QEMU writes them."""
    cases = []
    for number in NUMBERS:
        cases += [
            b"{'execute':'query-name','id':" + number + b"}",
            b"{'execute':'query-name','id':[" + number + b"," + number + b" ]}",
            number + b" ",
        ]
    check(pair, cases)


def test_what_comes_back_is_written_alike(pair: Pair) -> None:
    """To the letter, which a parser of JSON would not show."""
    for value in (*NUMBERS, *(b'"' + text + b'"' for text in STRINGS)):
        ours, theirs = (_lines(side, value) for side in pair)
        assert ours == theirs


def _lines(side: Side, value: bytes) -> list[bytes]:
    """Return the lines that a request with an id gets."""
    side.socket.sendall(b"{'execute':'query-name','id':" + value + b"}" + RESYNC + MARK)
    lines = []
    while not (line := side.file.readline()).endswith(b', "id": "mark"}\r\n'):
        lines.append(line)
    return lines


CAPABILITIES: list[object] = [
    {"foo": 1},
    {"enable": 1},
    {"enable": "oob"},
    {"enable": ["foo"]},
    {"enable": [1]},
    {"enable": ["oob", "foo"]},
    {"enable": [], "foo": 1},
    {"enable": None},
    [],
    "x",
    1,
]


def test_before_negotiation(fresh: Pair) -> None:
    """One command, with capabilities that there are."""
    cases = [
        request("query-name"),
        request("nonsense", id=1),
        request("quit", foo=1),
        b"{}",
        b"[]",
        b"x ",
        b"{'exec-oob':'x'}",
        b"{'execute':1,'id':2}",
        *(request("qmp_capabilities", arguments, id=1) for arguments in CAPABILITIES),
    ]
    for side in fresh:
        # query-name is the mark, which does not work before
        side.socket.sendall(b"".join(case + RESYNC for case in cases) + NEGOTIATE)
    replies = [list(_until_begun(side)) for side in fresh]
    assert replies[0] == replies[1]
    assert len(replies[0]) > len(cases)


def _until_begun(side: Side) -> Iterator[Message]:
    while (message := side.read()).get("id") != "begin":
        yield message
    assert message == {"return": {}, "id": "begin"}


OUT_OF_BAND = rb"""
{'exec-oob':'query-name'}
{'exec-oob':'nonsense','id':1}
{'exec-oob':1}
{'exec-oob':'qmp_capabilities'}
{'exec-oob':'stop','execute':'stop'}
{'exec-oob':'query-name','arguments':{'a':1}}
{'exec-oob':'x','foo':1}
{'exec-oob':'query-name','arguments':1,'id':2}
{'execute':'query-name'}
{'id':1}
""".strip().split(b"\n")


def test_out_of_band(fresh: Pair) -> None:
    """What may go out-of-band, and what may not."""
    for side in fresh:
        side.negotiate("oob")
    check(fresh, OUT_OF_BAND)


SPLIT = [
    b"{'execute':'query-name','id':1}",
    b'{"execute": "query-status", "id": "\xc3\xa9\\u00e9\\ud83d\\ude00"}',
    b"{'execute':'nonsense','arguments':{'a':[1,-2.5e3,true,null]}}",
    b"{'id':[12345678901234567890,'\\\\\\'','\\\"'],'execute':'stop'}{'execute':'cont'}",
    b"{'a':tru,'b':01,'c':@x}{}",
    b"[1 2]{'x':'y\x01z'} \xc3\xa9 {}",
]


@pytest.mark.parametrize("index", range(len(SPLIT)))
def test_split_at_every_byte(pair: Pair, index: int) -> None:
    """In two pieces of any sizes, and byte by byte."""
    data = SPLIT[index]
    cases: list[tuple[bytes, ...]] = [(data[:at], data[at:]) for at in range(1, len(data))]
    cases.append(tuple(bytes((byte,)) for byte in data))
    check(pair, cases)


def test_many_in_one_packet(pair: Pair) -> None:
    """Replies in order, the good between the bad."""
    parts = [*MESSAGES[:50], *(request(name, id=name) for name in COMMANDS[:4])]
    check(pair, [b"\n".join(parts), b" ".join(reversed(parts)), parts[0] * 500])


DEEP, TOO_DEEP = b"[" * 1023 + b"]" * 1023, b"[" * 1024 + b"]" * 1024
LIMITS = [
    TOO_DEEP,
    b"[" + TOO_DEEP + b"]",
    b"[" * 3000,
    b"{" * 1025 + b"}" * 9,
    *(b"{'execute':'query-name','id':" + deep + b"}" for deep in (DEEP, TOO_DEEP)),
    b"{'a':" * 600 + b"[" * 500 + b"]" * 500 + b"}" * 600,
    b"{'execute':'query-name','id':'" + b"x" * 50_000 + b"'}",
    b"{'execute':'query-name','id':[" + b"1," * 5_000 + b"1]}",
]


def test_limits(pair: Pair) -> None:
    """On nesting; the next request is none the worse."""
    check(pair, LIMITS)


@pytest.mark.skipif(not os.environ.get("HMP_TEST_LONG"), reason="long: HMP_TEST_LONG=1")
def test_limits_that_take_long(pair: Pair) -> None:
    """On the number of tokens, which takes QEMU its time to find out."""
    check(pair, [b"[" + b"1," * ((1 << 20) + 10) + b"1]"])


def mutations(data: bytes) -> Iterator[bytes]:
    """Yield data with each byte left out, doubled, or replaced by what means something."""
    for at in range(len(data)):
        yield data[:at] + data[at + 1 :]
        yield data[:at] + data[at : at + 1] + data[at:]
        for byte in b"\"'{}[]:,\\ 0-a\n\x01\x80\xff":
            yield data[:at] + bytes((byte,)) + data[at + 1 :]


def test_one_byte_is_wrong(pair: Pair) -> None:
    """Each byte of a request, in every way."""
    data = b"{'execute':\"query-name\",'id':[10,{}]}"
    assert check(pair, mutations(data)) > 600


WORDS = rb"""
{ } [ ] : , 'execute' "id" 'arguments' 'query-name' 'exec-oob' 1 -1 0.5 true null x '' \
{'execute':'query-name'} 'id': 'execute':'query-status' {'id':1, "
""".split()


def test_random_pieces_of_requests(pair: Pair) -> None:
    """Whatever can be made of what requests are made of."""
    chance = random.Random(4)
    words = [*WORDS, b" ", b"\n", b"\x00"]
    check(
        pair,
        [b"".join(chance.choices(words, k=chance.randint(1, 25))) for _ in range(1000)],
    )


def test_quit(qemu_command: list[str], tmp_path: Path) -> None:
    """The reply, the event, and the end; QEMU sends the event first."""
    qemu = RunningQemu(qemu_command, ["-M", "none", "-nodefaults"])
    path = tmp_path / "q"
    try:
        with Program("-monitor", "none", "-qmp", f"unix:{path},server=on,wait=off") as ours:
            seen: list[list[Any]] = []
            for where in (str(path), qemu.path):
                side = Side(where)
                side.negotiate()
                side.socket.sendall(request("quit", id=1))
                lines = side.file.readlines()
                seen.append([shape(json.loads(line)) for line in lines])
                side.close()
            assert ours.end() == 0
            assert qemu.process.wait(LIMIT) == 0
    finally:
        qemu.close()
    assert seen[0] == seen[1][::-1]
    assert [sorted(message) for message in seen[0]] == [
        ["id", "return"],
        ["data", "event", "timestamp"],
    ]
