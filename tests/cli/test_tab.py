"""Tab in real shells, beside processes with names that would run as commands."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hmp.cli.shell_completion import script
from tests.program import HMP, ROOT
from tests.targets.processes import NOBODY, calling_itself
from tests.terminal.screen import Terminal

PROMPT = "ready> "
START = f"tab{os.getpid()}"
SETUP = {
    "bash": ["PS1='{prompt}'", ". {folder}/_hmp"],
    "zsh": [
        "PS1='{prompt}'",
        "fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D",
    ],
    "fish": ["function fish_prompt; echo -n '{prompt}'; end", "source {folder}/_hmp"],
}
COMMAND = {
    "bash": ["bash", "--noprofile", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}


@pytest.fixture(params=SETUP)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    """A shell at its prompt that completes hmp's command line."""
    name: str = request.param
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"no {name} here")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "_hmp").write_text(script(name))
    words = " ".join(f"'{word}'" for word in HMP)
    (tools / "hmp").write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {words} "$@"\n')
    (tools / "hmp").chmod(0o755)
    (tmp_path / "here").mkdir()
    terminal = Terminal(
        command=[path, *COMMAND[name][1:]],
        columns=120,
        PATH=f"{tools}:{os.environ['PATH']}",
        HOME=str(tmp_path),
        PWD=str(tmp_path),
    )
    try:
        for line in [*SETUP[name], f"cd {tmp_path}/here; clear"]:
            terminal.type(line.format(prompt=PROMPT, folder=tools) + "\r")
        terminal.wait_prompt(PROMPT)
        yield terminal
    finally:
        terminal.close()


def hostile(trap: Path) -> list[str]:
    """Return names that make a file where they are evaluated."""
    touch = f"touch${{IFS}}{trap}"
    return [
        f"{START}$({touch})",
        f"{START}`{touch}`",
        f"{START};{touch};",
        f"{START}|{touch}",
        f"{START}'{touch}",
        f'{START}"$({touch})',
        f"{START}\n       1  {START}$({touch})  /a\n{START};{touch}",
        f"$({touch})",
        f"-{START}",
        f"{START} two",
        f"{START}=$({touch})",
        f"{START}:=~{{{touch},}}*",
        f"{START}(e:{touch}:)",
        f"{START}[{touch}]",
        f"{START}\\\t{touch}",
    ]


def test_tab_runs_nothing_of_a_name(shell: Terminal, tmp_path: Path) -> None:
    """It puts in the one plain name there is; no file is made, then or by Enter."""
    trap = tmp_path / "trap"
    with ExitStack() as stack:
        for name in [*hostile(trap), f"{START}-plain"]:
            value = f"guest={name.replace(',', ',,')}"
            stack.enter_context(calling_itself("-name", value))
        if os.geteuid() == 0:
            stack.enter_context(calling_itself("-name", f"{START}-other", user=NOBODY))
        shell.type(f"hmp {START}\t")
        shell.wait_for(f"hmp {START}-plain")
        assert shell.row == f"{PROMPT}hmp {START}-plain"
        shell.type("\x15hmp \t\t")  # all that there is
        shell.wait_for(f"{START}-plain")
        shell.type("\x15echo do''ne\r")
        shell.wait_for("done")

    assert not trap.exists()
    assert f"{START}-other" not in shell.text


def test_tab_knows_the_hosts_of_ssh(shell: Terminal, tmp_path: Path) -> None:
    """With the colon that is to come; names are data there, too."""
    trap = tmp_path / "trap"
    (tmp_path / ".ssh").mkdir()
    names = " ".join(f"qq{name.replace(' ', '')}" for name in hostile(trap))
    names = names.replace("\n", " ").replace(START, "qq")
    (tmp_path / ".ssh/config").write_text(f"Host {names} qqnear *.qq\n")
    (tmp_path / ".ssh/known_hosts").write_text(f"qq$(touch${{IFS}}{trap}),rrfar ssh x\n")
    shell.type("hmp qqn\t")
    shell.wait_row(f"{PROMPT}hmp qqnear:")
    shell.type("\x15hmp rr\t")
    shell.wait_row(f"{PROMPT}hmp rrfar:")
    shell.type("\x15echo do''ne\r")
    shell.wait_for("done")

    assert not trap.exists()


def test_tab_takes_file_names_as_they_are(shell: Terminal, tmp_path: Path) -> None:
    """Those in the folder, whoever put them there."""
    trap = tmp_path / "here" / "trap"
    for name in ("$(touch trap)", "`touch trap`", ";touch trap", "b'touch trap"):
        (tmp_path / "here" / f"zz{name}").mkdir()
        (tmp_path / "here" / f"zz{name}" / "inner").touch()
    shell.type("hmp zz\t\t\t")
    shell.wait_for("trap")
    shell.type("\x15hmp -f 'zz$(touch trap)/in\t")
    shell.wait_for("inner")
    shell.type("\x15echo do''ne\r")
    shell.wait_for("done")

    assert not trap.exists()
