from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pyte
import pytest
from prompt_toolkit.buffer import Buffer

from completions.defaults import KINDS
from hmp.authoring import command
from hmp.display.theme import GREEN, HEX, RED
from hmp.machine.machine import EmbeddedMachine
from hmp.monitor.entry import Table
from hmp.serving.monitor_options import MonitorOptions
from hmp.serving.monitors import Server
from tests.fakes import LIMIT, tables, until
from tests.serving.served import QmpClient, run

PROMPT = "(hmp) "
WILL_SIZE, SIZE = b"\xff\xfb\x1f", b"\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0"
TERMINAL = b"\xff\xfb\x18\xff\xfa\x18\x00xterm-256color\xff\xf0"


class Screen(pyte.Screen):
    """A screen whose answers go back to the server."""

    def __init__(self, answer: Callable[[bytes], None]) -> None:
        super().__init__(80, 24)
        self.answer = answer

    def write_process_input(self, data: str) -> None:
        """Send an answer as if it were typed."""
        self.answer(data.encode())


class Telnet(QmpClient):
    """A telnet client with a terminal."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self.raw = b""
        self.screen = Screen(self.send)
        self.stream = pyte.ByteStream(self.screen)

    async def begin(self, terminal: bytes = WILL_SIZE + SIZE + TERMINAL) -> None:
        """Take the offer, and wait for the prompt."""
        await self.until(b"\xff\xfa\x18\x01\xff\xf0")
        self.send(terminal)
        await self.wait_row(PROMPT)

    async def wait(self, condition: Callable[[], object], what: str = "") -> None:
        """Read until a condition of the screen holds."""
        try:
            async with asyncio.timeout(LIMIT):
                while not condition():
                    data = await self.reader.read(1 << 16)
                    assert data, f"the end came before {what}:\n{self.text}"
                    self.raw += data
                    self.stream.feed(data)
        except TimeoutError:
            raise AssertionError(f"never saw {what}:\n{self.text}") from None

    async def wait_for(self, text: str) -> None:
        """Wait until a text is on the screen."""
        await self.wait(lambda: text in self.text, text)

    async def wait_row(self, text: str) -> None:
        """Wait until the cursor stands in a row of this text, blanks aside."""
        await self.wait(lambda: self.row == text.rstrip(), repr(text))

    async def run(self, line: str) -> None:
        """Type a line, and wait for the next prompt."""
        self.send(line)
        await self.wait(lambda: self.row.endswith(line), line)
        at = self.screen.cursor.y
        self.send("\r")
        await self.wait(
            lambda: (self.row == PROMPT.rstrip() and self.screen.cursor.y != at) or "", line
        )

    @property
    def text(self) -> str:
        """The screen as one string."""
        return "\n".join(row.rstrip() for row in self.screen.display)

    @property
    def row(self) -> str:
        """The line with the cursor."""
        return self.screen.display[self.screen.cursor.y].rstrip()

    def colour(self, text: str) -> set[str]:
        """Return the colours of a text on the screen."""
        for y, row in enumerate(self.screen.display):
            if (x := row.find(text)) >= 0:
                return {self.screen.buffer[y][x + i].fg for i in range(len(text))}
        raise AssertionError(f"no {text!r} on the screen:\n{self.text}")


class Site:
    """A machine with telnet monitors, and a QMP one behind them."""

    def __init__(self, machine: EmbeddedMachine, server: Server) -> None:
        self.machine = machine
        self.server = server
        self.printed: list[str] = []
        self.clients: list[QmpClient] = []

    async def telnet(self, index: int = 0) -> Telnet:
        """Return a client with a terminal, at its prompt."""
        client = Telnet(*await asyncio.open_unix_connection(self.path(index)))
        self.clients.append(client)
        await client.begin()
        return client

    async def raw(self, index: int = 0) -> Telnet:
        """Return a client that has said nothing yet."""
        client = Telnet(*await asyncio.open_unix_connection(self.path(index)))
        self.clients.append(client)
        return client

    async def qmp(self) -> QmpClient:
        """Return a client of the QMP monitor."""
        client = await QmpClient.connect(self.server.addresses[-1])
        self.clients.append(client)
        await client.negotiate()
        return client

    def path(self, index: int) -> str:
        """Return where a monitor is."""
        return self.server.addresses[index].removeprefix("unix:")


@asynccontextmanager
async def site(folder: Path, table: Table | None = None) -> AsyncIterator[Site]:
    """Serve a machine by telnet, twice, and by QMP."""
    options = MonitorOptions()
    for name in "ab":
        socket = f"socket,id={name},path={folder}/{name},telnet=on,server=on,wait=off"
        options.chardev(socket)
        options.mon(name)
    options.qmp(f"unix:{folder}/q,server=on,wait=off")
    printed: list[str] = []
    machine = EmbeddedMachine(output=printed.append)
    server = Server(machine, options, table=table or tables(), kinds=KINDS)
    made = Site(machine, server)
    made.printed = printed
    try:
        async with server:
            yield made
    finally:
        machine.close()
        for client in made.clients:
            await client.close()


def test_a_remote_person_has_the_real_prompt(tmp_path: Path) -> None:
    """Editing, completion, colours, tables, errors that point, the history."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            assert "hmp 0.1.0 monitor - type 'help' for more information" in client.text

            client.send("info ststus\x1b[D\x1b[D\x1b[D\x7fa")
            await client.wait_row(f"{PROMPT}info status")
            client.send("\r")
            await client.wait_for("● running")
            assert client.colour("running") == {HEX[GREEN][1:]}

            client.send("info alarm-m\t")
            await client.wait_row(f"{PROMPT}info alarm-methods")
            client.send("\r")
            await client.wait_for("dynticks")

            client.send("stop foo\r")
            await client.wait_for("     ^")
            assert client.colour("extraneous characters") == {HEX[RED][1:]}

            client.send("\x15\x1b[A\x1b[A")  # Up looks for what begins like the line
            await client.wait_row(f"{PROMPT}info alarm-methods")
            client.send("\x03")
            await client.wait_row(PROMPT)

            client.send('hello-world "from afar"\r')
            await until(lambda: here.printed, "the greeting")
            assert here.printed == ["from afar\n"]

    run(main())


@pytest.mark.parametrize(
    ("name", "colours"), [(b"dumb", {"default"}), (b"xterm-256color", {HEX[RED][1:]})]
)
def test_the_name_of_a_terminal_says_what_it_can(
    tmp_path: Path, name: bytes, colours: set[str]
) -> None:
    """A mistake is coloured while it is typed, if there are colours."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.raw()
            await client.begin(WILL_SIZE + SIZE + TERMINAL.replace(b"xterm-256color", name))
            client.send("nope ")
            await client.wait(lambda: client.row == f"{PROMPT}nope".rstrip())
            assert client.colour("nope") == colours

    run(main())


def test_the_menu_of_completion(tmp_path: Path) -> None:
    """It appears below the line, and one is chosen by Tab."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            client.send("info alarm\t\t")
            await client.wait_for("show the alarm timer in use")
            client.send("\t")
            await client.wait(lambda: client.row.startswith(f"{PROMPT}info alarm"))
            client.send("\x15")
            await client.wait_row(PROMPT)

    run(main())


def test_files_of_this_host_are_not_completed(tmp_path: Path) -> None:
    """Who is over there learns nothing of them."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            client.send("screendump /etc/pass\t\t")
            await client.wait_for("/etc/pass")
            client.send(" x\t")
            await client.wait_for("/etc/pass x")
            assert "passwd" not in client.raw.decode()

    run(main())


def test_events_appear_above_the_line(tmp_path: Path) -> None:
    """Whoever causes them; the prompt tells the state."""

    async def main() -> None:
        async with site(tmp_path) as here:
            one, two = await here.telnet(0), await here.telnet(1)
            one.send("info")
            await one.wait_row(f"{PROMPT}info")
            two.send("stop\r")
            for client in (one, two):
                await client.wait_for(" STOP")
            await one.wait_row("(hmp paused) info")

    run(main())


def test_two_clients_have_two_prompts(tmp_path: Path) -> None:
    """Their keys, sizes and histories are their own."""

    async def main() -> None:
        async with site(tmp_path) as here:
            one, two = await here.telnet(0), await here.telnet(1)
            for key in "info uuid":
                one.send(key)
                two.send("x")
            await one.wait_row(f"{PROMPT}info uuid")
            await two.wait_row(f"{PROMPT}{'x' * 9}")
            one.send("\r")
            await one.wait_for("00000000-0000-0000-0000-000000000000")
            two.send("\x15\x1b[A")
            await two.wait_row(PROMPT)
            assert "0000" not in two.text

    run(main())


def test_a_client_that_says_nothing_of_its_terminal(tmp_path: Path) -> None:
    """Netcat: it gets a prompt after a moment, and is asked nothing."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.raw()
            await client.until(b"\xff\xfa\x18\x01\xff\xf0")
            client.send("info name\r")
            await client.wait_row(PROMPT)
            assert b"\x1b[6n" not in client.raw

    run(main())


def test_quit_is_the_end_for_all(tmp_path: Path) -> None:
    """The machine ends, and every connection with it."""

    async def main() -> None:
        async with site(tmp_path) as here:
            one, two, control = await here.telnet(0), await here.telnet(1), await here.qmp()
            one.send("quit\r")
            await one.wait_for("without asking the guest. Continue? [y/N]")
            one.send("y\r")
            assert b'"SHUTDOWN"' in await control.rest()
            await one.rest()
            await two.rest()
            await here.server.ended()

    run(main())


def test_end_of_input_leaves_the_machine(tmp_path: Path) -> None:
    """Ctrl-D, and a connection that is lost; the next client is let in."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            client.send("\x04")
            await client.rest()
            client = await here.telnet()
            client.send("info sta")
            await client.close()
            client = await here.telnet()
            client.writer.transport.abort()
            client = await here.telnet()
            client.send("info status\r")
            await client.wait_for("running")

    run(main())


def test_clients_leave_no_prompts_behind(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither their lines', nor a question's, nor the help browser's."""

    def buffers() -> int:
        gc.collect()
        return sum(isinstance(kept, Buffer) for kept in gc.get_objects())

    async def main() -> None:
        async with site(tmp_path) as here:

            async def come_and_go(curious: bool) -> None:
                client = await here.telnet()
                if curious:
                    client.send("quit\r")
                    await client.wait_for("[y/N]")
                    client.send("n\r")
                    await client.wait_row(PROMPT)
                    client.send("\x1bOP")
                    await client.wait_for("Esc leaves")
                await client.close()
                await until(lambda: not here.server._backends[0].clients, "its end")

            await come_and_go(curious=True)
            before = buffers()
            for number in range(50):
                await come_and_go(curious=number % 10 == 0)
            assert buffers() <= before

    run(main())
    assert not caplog.records


def test_more_keys_than_are_held_wait(tmp_path: Path) -> None:
    """They come one after the other; nothing is lost, but a line has its limit."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            client.send("x" * 5000 + "\x15")
            for number in range(3):
                client.send(f"hello-world {number}\r")
            await client.wait(lambda: len(here.printed) == 3, "the last line")
            assert here.printed == ["0\n", "1\n", "2\n"]

    run(main())


def test_keys_of_who_has_gone_are_dropped(tmp_path: Path) -> None:
    """Also when there were too many to be read at once."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            client.send("hello-world x\r" * 20_000)
            await until(lambda: here.printed, "the first line")
            await client.close()
            begun = len(here.printed)
            await here.telnet()
            assert len(here.printed) - begun < 10_000

    run(main())


def test_a_paste_has_its_limit(tmp_path: Path) -> None:
    """What is behind it is dropped, the line can be edited."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            client.send("\x1b[200~" + "y" * 200_000 + "\x1b[201~")
            await client.wait_for("yyy")
            client.send("\x15")
            await client.run("hello-world after")
            assert here.printed == ["after\n"]

    run(main())


def forever(log: list[str]) -> Table:
    """Return the real table with a command that never ends."""

    async def handler(mon: object, args: object) -> None:
        log.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            log.append("given up")

    return Table([*tables(), command("forever", help="never end")(handler)])


def test_interrupt_gives_up_a_line(tmp_path: Path) -> None:
    """Ctrl-C, or telnet's own interrupt; and so does the end of the connection."""
    log: list[str] = []

    async def main() -> None:
        async with site(tmp_path, forever(log)) as here:
            client = await here.telnet()
            for key in (b"\x03", b"\xff\xf4"):
                log.clear()
                client.send("forever\r")
                await until(lambda: log, "the command")
                client.send(b"nonsense" + key)
                await client.wait_for("stopped waiting")
                await client.wait_row(PROMPT)
                assert log == ["begun", "given up"]
                await client.run("clear")
            log.clear()
            client.send("forever\r")
            await until(lambda: log, "the command")
            await client.close()
            await until(lambda: len(log) == 2, "its end")

    run(main())


def test_the_end_of_the_machine_ends_a_line(tmp_path: Path) -> None:
    """At once, not after a while."""
    log: list[str] = []

    async def main() -> None:
        async with site(tmp_path, forever(log)) as here:
            client, control = await here.telnet(), await here.qmp()
            client.send("forever\r")
            await until(lambda: log, "the command")
            await control.ask("quit")
            begun = asyncio.get_running_loop().time()
            await client.rest()
            assert asyncio.get_running_loop().time() - begun < 0.9
            assert log == ["begun", "given up"]

    run(main())


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("source /etc/passwd", "lines of files cannot be run from here"),
        ("info status | cat", "programs and files cannot be used from here"),
        ("info status > /tmp/x", "programs and files cannot be used from here"),
        ("!id", "shell commands cannot be run from here"),
    ],
)
def test_the_operator_s_own_is_not_for_others(tmp_path: Path, line: str, text: str) -> None:
    """Neither files nor programs of this host."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            client.send(f"{line}\r")
            await client.wait_for(text)

    run(main())


def test_the_editor_is_not_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its keys do nothing there, since it would run a program of this host."""
    opened: list[Buffer] = []
    monkeypatch.setattr(Buffer, "open_in_editor", lambda buffer: opened.append(buffer))

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            client.send("info status\x18\x05\r")
            await client.wait_for("running")
            assert opened == []

    run(main())


def test_pasted_lines_run_up_to_a_failure(tmp_path: Path) -> None:
    """As on our own terminal, comments among them."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            lines = (
                "hello-world one\n# two\nhello-world three\nnope\nhello-world four\nstop"
            )
            client.send(f"\x1b[200~{lines}\x1b[201~\r")
            await client.wait_for("2 lines were not run")
            assert here.printed == ["one\n", "three\n"]

    run(main())


def test_an_unknown_command_has_suggestions(tmp_path: Path) -> None:
    """The nearest names."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            client.send("hello-wrld x\r")
            await client.wait_for("Did you mean 'hello-world'?")

    run(main())


def test_a_line_that_does_not_parse_can_be_corrected(tmp_path: Path) -> None:
    """Up brings it back, with the cursor at the error."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            client.send("stop foo\r")
            await client.wait_for("extraneous characters")
            await client.wait(lambda: client.row == PROMPT.rstrip())
            client.send("\x1b[A")
            await client.wait_row(f"{PROMPT}stop foo")
            await client.wait(lambda: client.screen.cursor.x == len(f"{PROMPT}stop "))
            client.send("\x0b\r")
            await client.wait_for(" STOP")

    run(main())


def test_aliases_are_the_clients_own(tmp_path: Path) -> None:
    """One of a client is unknown to another."""

    async def main() -> None:
        async with site(tmp_path) as here:
            one, two = await here.telnet(0), await here.telnet(1)
            await one.run("alias hi hello-world")
            await one.run("hi there")
            assert here.printed == ["there\n"]
            two.send("hi there\r")
            await two.wait_for("unknown command: 'hi'")

    run(main())


def test_what_ctrl_c_says(tmp_path: Path) -> None:
    """Nothing of a command that Ctrl-C ends, or of a line that only reads."""
    log: list[str] = []

    async def main() -> None:
        async with site(tmp_path, forever(log)) as here:
            client = await here.telnet()
            client.send("stop\r")
            await client.wait_row("(hmp paused)")
            client.send("events -f\r")
            await client.wait(lambda: client.text.count(" STOP") == 2)
            client.send("\x03")
            await client.wait_row("(hmp paused)")
            client.send("watch info status\r")
            await client.wait_for("Ctrl-C ends it")
            client.send("\x03")
            await client.wait_row("(hmp paused)")
            client.send("wait RESUME\r")
            await client.wait_for("wait RESUME")
            assert "stopped waiting" not in client.text
            await asyncio.sleep(0)
            client.send("\x03")
            await client.wait(
                lambda: "stopped waiting" in client.text or "not run" in client.text
            )
            assert "may still" not in client.text
            client.send("forever\r")
            await until(lambda: log, "the command")
            client.send("\x03")
            await client.wait_for("stopped waiting; the machine may still carry it out")

    run(main())


def test_the_help_browser_opens(tmp_path: Path) -> None:
    """F1 does what it does on our own terminal; what is chosen comes to the prompt."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            client.send("hello\x1bOP")
            await client.wait_for("Esc leaves")
            await client.wait_for("hello-world")
            client.send("\t")
            await client.wait_row(f"{PROMPT}hello-world")

    run(main())


def test_a_search_has_its_limit(tmp_path: Path) -> None:
    """The help browser repeats it for each key."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client = await here.telnet()
            client.send("\x1bOP")
            await client.wait_for("Esc leaves")
            client.send("\x1b[200~" + "y" * 60_000 + "\x1b[201~")
            await client.wait_for("no match")
            client.send("\x03hello-world after\r")
            await until(lambda: here.printed, "the greeting")
            assert here.printed == ["after\n"]

    run(main())


def test_control_codes_of_others_are_shown(tmp_path: Path) -> None:
    """What one client sends, another one's terminal never does."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client, control = await here.telnet(), await here.qmp()
            arguments = {"command-line": "\x1b]0;owned\x07"}
            await control.ask("human-monitor-command", **arguments)
            client.send('qmp {"execute":"\\u001b]0;owned\\u0007"}\r')
            await client.wait_for("no QMP command")
            assert b"\x1b]0;owned" not in client.raw
            assert "\\x1b]0;owned" in client.text

    run(main())


def test_a_client_that_never_reads_is_cut_off(tmp_path: Path) -> None:
    """What is held for it has a limit; the machine goes on."""

    async def main() -> None:
        async with site(tmp_path) as here:
            client, control = await here.telnet(), await here.qmp()
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            (ours,) = here.server._backends[0].clients
            client.send("help\r" * 500)
            await until(lambda: not ours.reads, "the client to be held back")
            for _ in range(100):
                assert await control.ask("query-name") == {"return": {}}
            assert ours.transport.get_write_buffer_size() < 3 << 20
            client.writer.transport.resume_reading()  # type: ignore[attr-defined]

    run(main())


def test_the_program_s_own_signals_stay(tmp_path: Path) -> None:
    """A prompt of a client takes neither Ctrl-C nor the size of our terminal."""
    taken: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGWINCH, taken.append, 1)
        async with site(tmp_path) as here:
            before = signal.getsignal(signal.SIGINT)
            client = await here.telnet()
            await client.run("info name")
            assert signal.getsignal(signal.SIGINT) is before
            signal.raise_signal(signal.SIGWINCH)
            await until(lambda: taken, "our own handler")
            client.send("\x04")
            await client.rest()
            signal.raise_signal(signal.SIGWINCH)
            await until(lambda: len(taken) == 2, "our own handler")
        loop.remove_signal_handler(signal.SIGWINCH)

    run(main())
