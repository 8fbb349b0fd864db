"""The pictures of the README: the real program on a pty, with a real QEMU behind it.

    python -m tests.screenshots [FOLDER]

Needs a QEMU (HMP_TEST_QEMUS, or ``qemu-system-x86_64`` on PATH) and ``qemu-img``. Each
scene is typed, and what the emulated screen shows then is written as SVG, by Rich.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from io import StringIO
from itertools import groupby
from pathlib import Path

from pyte.screens import Char
from rich.console import Console
from rich.style import Style
from rich.text import Text

from tests.qemu.machines import RunningQemu, full_machine, qemus
from tests.terminal.screen import Terminal

COLUMNS, LINES = 96, 22
PROMPT = "(qemu full) "
Scene = Callable[[Terminal, RunningQemu], None]


def completion(session: Terminal, qemu: RunningQemu) -> None:
    """Complete a property of a device, from what the machine has."""
    session.run("info block", PROMPT)
    session.type("device_add virtio-blk-pci,write-c")
    session.type("\t")
    session.wait_row(f"{PROMPT}device_add virtio-blk-pci,write-cache=")
    session.type("on,drive=\t")
    session.wait_for("node, raw")


def mistakes(session: Terminal, qemu: RunningQemu) -> None:
    """Point at what is wrong, in the line and below it."""
    session.type("block_resize d0 lots\r")
    session.wait_for("invalid size")
    session.wait_for("(press Up to fix the line)")
    session.type("migrate_set_capability mutlifd on")
    session.wait_for("did you mean multifd?")


def live(session: Terminal, qemu: RunningQemu) -> None:
    """Show events above a half-typed line, and what they did to the prompt."""
    session.run("info snapshots", PROMPT)
    session.run("info network | grep nic", PROMPT)
    session.run("explain device_add e1000,netdev=net1,id=nic2", PROMPT)
    session.type("info sta")
    session.wait_row(f"{PROMPT}info sta")
    qemu.oracle.qmp("stop")
    session.wait_row("(qemu full paused) info sta")
    qemu.oracle.qmp("device_del", id="tab")
    session.wait_for("DEVICE_DELETED")
    session.wait_row("(qemu full paused) info sta")


def browser(session: Terminal, qemu: RunningQemu) -> None:
    """Search the help of all commands."""
    session.type("\x1bOPsnapshot")
    session.wait_for("qmp snapshot-save")
    session.type("\x1b[B\x1b[B")
    session.wait_for("search: snapshot")


SCENES: dict[str, Scene] = {
    scene.__name__: scene for scene in (completion, mistakes, live, browser)
}


def picture(session: Terminal, title: str) -> str:
    """Return the screen as SVG."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    for y in range(LINES):
        cells = (session.screen.buffer[y][x] for x in range(COLUMNS))
        line = Text()
        for style, run in groupby(((_style(cell), cell.data) for cell in cells), _first):
            line.append("".join(data for _, data in run), style)
        line.rstrip()
        console.print(line, soft_wrap=True)
    return console.export_svg(title=title)


def _first(pair: tuple[Style, str]) -> Style:
    return pair[0]


def _style(cell: Char) -> Style:
    return Style(
        color=_colour(cell.fg),
        bgcolor=_colour(cell.bg),
        bold=cell.bold,
        italic=cell.italics,
        underline=cell.underscore,
        reverse=cell.reverse,
    )


def _colour(name: str) -> str | None:
    """Return Rich's name of a colour of the emulated screen."""
    if name == "default":
        return None
    if len(name) == 6 and all(char in "0123456789abcdef" for char in name):
        return f"#{name}"
    bright = name.startswith("bright")
    plain = name.removeprefix("bright").replace("brown", "yellow")
    return f"bright_{plain}" if bright else plain


def take(name: str, command: list[str], folder: Path) -> None:
    """Play a scene on a fresh machine and write its picture."""
    with tempfile.TemporaryDirectory() as temporary:
        disks = Path(temporary) / "vm"
        disks.mkdir()
        arguments = [a for a in full_machine(disks) if a != "-S"]
        qemu = RunningQemu(command, arguments)
        session = Terminal(
            "-y",
            qemu.path,
            columns=COLUMNS,
            lines=LINES,
            HMP_HISTORY="",
            TERM="xterm-256color",
        )
        try:
            session.wait_prompt(PROMPT)
            SCENES[name](session, qemu)
            (folder / f"{name}.svg").write_text(picture(session, "hmp"))
        finally:
            session.close()
            qemu.close()


def main() -> None:
    """Take all pictures."""
    if not qemus():
        sys.exit("needs a QEMU: set HMP_TEST_QEMUS, or install one")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    _, command = next(reversed(qemus().items()))
    for name in SCENES:
        take(name, command, folder)


if __name__ == "__main__":
    main()
