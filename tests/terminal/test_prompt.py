"""The prompt in this process: its text, its bar, its styles and its keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.output import ColorDepth, DummyOutput

from hmp.display.screen import Screen
from hmp.frontends.config import Config
from hmp.frontends.history_file import LineHistory
from hmp.frontends.parsing import LineParser
from hmp.frontends.state import MachineState
from hmp.monitor.errors import ConfigError
from hmp.terminal.completer import LineCompleter
from hmp.terminal.history import PromptHistory
from hmp.terminal.keys import BROWSE, NO_SLIP, Slip
from hmp.terminal.prompt import Prompt, check_settings
from tests.terminal.fakes import idle_monitor


class Output(DummyOutput):
    """A screen of a size, which shows nothing."""

    columns = 80

    def get_size(self) -> Size:
        """Return the size."""
        return Size(rows=24, columns=self.columns)

    def get_default_color_depth(self) -> ColorDepth:
        """Return that it shows all colours."""
        return ColorDepth.TRUE_COLOR


class Terminal:
    """A prompt, its keyboard and its screen."""

    def __init__(self, keyboard: PipeInput) -> None:
        self.keyboard = keyboard
        self.output = Output()

    def prompt(self, colours: bool = True, local: bool = True, **session: Any) -> Prompt:
        """Return a prompt with these settings."""
        monitor = idle_monitor()
        aliases = session.pop("aliases", {})
        keys = session.pop("keys", {})
        config = Config({"session": session, "aliases": aliases, "keys": keys})
        screen = Screen(-1, {"FORCE_COLOR": "1"} if colours else {"NO_COLOR": "1"})
        state = MachineState(monitor)
        state.name, state.status = "vm", "paused"
        with create_app_session(input=self.keyboard, output=self.output):
            return Prompt(
                config,
                state,
                PromptHistory(LineHistory(None, lambda line: False)),
                LineCompleter(monitor),
                LineParser(monitor, config.aliases),
                screen,
                local=local,
            )

    def read(self, prompt: Prompt, keys: str, slip: Slip = NO_SLIP) -> str | None:
        """Return the line that these keys leave."""
        self.keyboard.send_text(keys)
        with create_app_session(input=self.keyboard, output=self.output):
            return asyncio.run(prompt.read(slip=slip))


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A terminal in this process."""
    with create_pipe_input() as keyboard:
        yield Terminal(keyboard)


def plain(parts: Any) -> str:
    """Return formatted text without its styles."""
    return "".join(part[1] for part in parts)


@pytest.mark.parametrize(
    ("name", "columns", "shown"),
    [
        ("vm", 80, "(hmp vm paused) "),
        ("x" * 25, 80, f"(hmp {'x' * 25} paused) "),
        ("x" * 26, 80, f"(hmp {'x' * 26} paused) "),
        ("x" * 27, 80, f"(hmp {'x' * 12}…{'x' * 13} paused) "),
        ("x" * 28, 80, f"(hmp {'x' * 12}…{'x' * 13} paused) "),
        ("0123456789ABCDEF", 20, "(hmp 0123…CDEF paused) "),
        ("0123456789", 20, "(hmp 0123…6789 paused) "),
        ("012345678", 20, "(hmp 012345678 paused) "),
        ("日" * 14, 60, "(hmp 日日日日…日日日日 paused) "),
    ],
)
def test_the_prompt_takes_half_of_the_width(
    terminal: Terminal, name: str, columns: int, shown: str
) -> None:
    """A long name loses its middle, but keeps eight characters."""
    prompt = terminal.prompt()
    prompt.state.name, terminal.output.columns = name, columns

    assert plain(prompt.text()) == shown
    assert prompt.width == len(shown) + shown.count("日")


def bar(prompt: Prompt, text: str, cursor: int | None = None) -> tuple[str, str]:
    """Return the bar for a text: its first style, and what it says."""

    async def drawn() -> Any:
        prompt.session.default_buffer.document = Document(text, cursor)
        return prompt._toolbar()

    parts = asyncio.run(drawn())
    return parts[0][0], plain(parts)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("!ls", "a shell command on this host"),
        ("info status | grep x", "the output goes to a shell command on this host"),
        ("info status > x", "the output goes to a file on this host"),
        ("info status >> x", "the output goes to a file on this host"),
        ("r now", "r = system_reset"),
        ("disks", "disks = info block; info blockstats"),
        ("stop", "stop   pause the machine"),
        ("stop\ncont", "2 lines; Enter runs them"),
        ("stop\n\n", "1 line; Enter runs it"),
        ("# a\n# b", "comments, which are not run"),
        ("# a\nstop", "1 line; Enter runs it"),
        ('{"execute":\n"stop"}', "a QMP message of several lines; Enter runs it"),
    ],
)
def test_the_bar_says_what_enter_does(terminal: Terminal, text: str, said: str) -> None:
    """With a line, several lines, an alias, a redirection or a shell command."""
    prompt = terminal.prompt(
        aliases={"r": "system_reset", "disks": ["info block", "info blockstats"]}
    )

    assert bar(prompt, text)[1] == said


def test_the_bar_of_one_of_several_lines(terminal: Terminal) -> None:
    """Where the cursor is in one of them, it describes that."""
    prompt = terminal.prompt()

    assert bar(prompt, "stop\neject ", 4)[1] == "stop   pause the machine"
    assert bar(prompt, "stop\neject ")[1] == "2 lines; Enter runs them"


def test_the_bar_of_a_line_that_could_not_be_run(terminal: Terminal) -> None:
    """It says why while that line, or nothing, stands there."""
    prompt = terminal.prompt()
    prompt.slip = Slip("stpo", 0, "unknown command: 'stpo'")
    wrong = "class:bottom-toolbar.wrong"

    assert bar(prompt, "") == (wrong, "unknown command: 'stpo' (press Up to fix the line)")
    assert bar(prompt, "stpo") == (wrong, "unknown command: 'stpo'")
    assert bar(prompt, "cont")[1] == "cont   resume the machine"


def test_the_mode_of_vi(terminal: Terminal) -> None:
    """It stands first in the bar, whose width it takes away."""
    prompt = terminal.prompt(editing="vi")
    app = prompt.session.app

    assert (app.editing_mode, prompt.session.cursor is None) == (EditingMode.VI, False)
    assert bar(prompt, "stop") == ("bold", "insert  stop   pause the machine")
    app.vi_state.input_mode = InputMode.NAVIGATION
    assert bar(prompt, "stop") == ("bold", "normal  stop   pause the machine")
    terminal.output.columns = 32
    assert bar(prompt, "stop")[1] == "normal  stop   pause the machine"
    terminal.output.columns = 31
    assert bar(prompt, "stop")[1] != "normal  stop   pause the machine"
    assert terminal.prompt().session.app.editing_mode == EditingMode.EMACS


SWITCHES = ("toolbar", "suggestions", "complete_while_typing")


def test_what_the_settings_switch(terminal: Terminal) -> None:
    """Bar, suggestions, completion while typing, colours, and keys of this host."""
    on, off = (
        terminal.prompt(value, value, **dict.fromkeys(SWITCHES, value))
        for value in (True, False)
    )

    assert [bool(p.session.bottom_toolbar) for p in (on, off)] == [True, False]
    assert [bool(p.session.auto_suggest) for p in (on, off)] == [True, False]
    assert [p.session.complete_while_typing for p in (on, off)] == [True, False]
    assert [p.session.enable_suspend for p in (on, off)] == [True, False]
    assert off.session.app.color_depth == ColorDepth.DEPTH_1_BIT
    assert on.session.app.color_depth != ColorDepth.DEPTH_1_BIT


EARLIER = [
    "eject cd0",
    "eject cd1",
    "time eject cd9",
    "stop",
    "eject gone",
    "time eject gone",
    "! eject gone",
    "eject g",
]


@pytest.mark.parametrize(
    ("typed", "words", "rest"),
    [
        ("ej", ["cd0", "cd1"], "ect cd1"),
        ("eject cd", ["cd0"], "0"),
        ("eject", ["other"], None),
        ("eject", None, " g"),
        ("time", ["cd9"], " eject cd9"),
        ("time", ["cd1"], None),
        ("! ej", ["cd0"], "ect gone"),
        ("stop\nej", ["cd0"], "ect cd0"),
        ("sto", ["cd0"], "p"),
        ("stop", ["cd0"], ""),
        ("", ["cd0"], None),
        (" ", ["cd0"], None),
        ("quit", ["cd0"], None),
    ],
)
def test_only_earlier_lines_that_fit_are_suggested(
    terminal: Terminal, typed: str, words: list[str] | None, rest: str | None
) -> None:
    """The latest, whose words the machine has, or may have."""
    prompt = terminal.prompt()
    for line in EARLIER:
        prompt.session.history.append_string(line)
    disk = prompt.parse("eject x").entry.kinds["device"]  # type: ignore[union-attr] # it is there
    if words is not None:
        prompt.completer.word_cache.store(disk, "", tuple((word, "") for word in words))
    suggest = prompt.session.auto_suggest
    assert suggest is not None

    found = suggest.get_suggestion(Buffer(), Document(typed))

    assert (found and found.text) == rest


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("stop\r", "stop"),
        ("xstop\x01\x04\r", "stop"),
        ("half\x03stop\r", "stop"),
        ("\x04", None),
        ("stop\x1bOP", f"{BROWSE}stop"),
        ("\x1b[15~", "info status"),
        ("\x18b", "info block"),
        ("typed\x18b", "info block"),
        ("\x1b[200~(qemu) stop\r\n(qemu) cont\x1b[201~\r", "stop\ncont"),
        ("system_po\t\r", "system_powerdown "),
        ("\x12zz\x18b", "info block"),
    ],
)
def test_keys(terminal: Terminal, keys: str, line: str | None) -> None:
    """Ours, those of the configuration, and what is pasted."""
    prompt = terminal.prompt(keys={"f5": "info status", "c-x b": "info block"})

    assert terminal.read(prompt, keys) == line


@pytest.mark.parametrize("local", [True, False])
def test_the_editor_is_for_users_of_this_host(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, local: bool
) -> None:
    """A client on a socket must not start programs here."""
    edited: list[str] = []
    monkeypatch.setattr(Buffer, "open_in_editor", lambda self: edited.append(self.text))

    assert terminal.read(terminal.prompt(local=local), "stop\x18\x05\r") == "stop"
    assert edited == ["stop"] * local


def test_up_fixes_the_line_that_could_not_be_run(terminal: Terminal) -> None:
    """With the cursor at its mistake; once more leads to the lines before it."""
    for keys, read in (("\x1b[AX\r", "stpoX now"), ("\x1b[A\x1b[A\r", "stop")):
        prompt = terminal.prompt()
        for line in ("stop", "stpo now"):
            prompt.session.history.append_string(line)
        slip = Slip("stpo now", 4, "unknown command")

        assert terminal.read(prompt, keys, slip=slip) == read


STYLES = {
    "prompt.name": "bold",
    "prompt.state": "875fd7",
    "prompt.mode": "af5f5f bold",
    "bottom-toolbar": "ffffff on 767676",
    "bottom-toolbar.wrong": "ffffff on af5f5f",
    "completion-menu": "ffffff on 303030",
    "completion-menu.completion": "ffffff on 303030",
    "completion-menu.completion.current": "000000 on ffffff bold",
    "completion-menu.meta.completion": "d0d0d0 on 303030",
    "completion-menu.meta.completion.current": "303030 on ffffff",
    "unfit": "a8a8a8 on 303030 italic",
    "auto-suggestion": "767676",
    "pygments.name.function": "5f5fff bold",
    "pygments.name.attribute": "d700af",
    "pygments.literal.string": "00875f",
    "pygments.literal.number": "5f5fff",
    "pygments.literal": "d700af",
    "pygments.keyword.constant": "875fd7",
    "pygments.error": "af5f5f underline",
}


def written(prompt: Prompt, name: str) -> str:
    """Return a style in words."""
    style = prompt.session.app.style
    assert style is not None
    found = style.get_attrs_for_style_str(f"class:{name}")
    behind = f"on {found.bgcolor}" if found.bgcolor else ""
    kinds = ("bold", "italic", "underline", "reverse")
    words = [found.color, behind, *(kind for kind in kinds if getattr(found, kind))]
    return " ".join(filter(None, words))


@pytest.mark.parametrize(("name", "style"), STYLES.items())
def test_styles(terminal: Terminal, name: str, style: str) -> None:
    """Each part of the prompt, the bar, the menu and the line."""
    assert written(terminal.prompt(), name) == style


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"keys": {" ": "stop"}}, "keys: ' ' is not a key"),
        ({"keys": {"f99": "stop"}}, "keys: 'f99': "),
        ({"theme": {"prompt.name": "nope"}}, "theme: "),
        ({"theme": {"prompt name!": "bold"}}, "theme: "),
        ({"theme": {"hmp.good": "nope"}}, "theme: "),
    ],
)
def test_settings_that_only_a_session_uses(data: dict[str, Any], problem: str) -> None:
    """They are checked before it begins."""
    check_settings(Config({"theme": {"prompt.name": "underline"}}))
    with pytest.raises(ConfigError, match=problem):
        check_settings(Config(data))
