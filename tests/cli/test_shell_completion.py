from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hmp.cli.options import BY_NAME
from hmp.cli.shell_completion import script
from tests import golden
from tests.program import run

OPTIONS = list(BY_NAME)
SSH_CONFIG = "Host near  *.far !no $(touch${IFS}trap)\n  HostName x\n\thost other\n"
KNOWN_HOSTS = "neighbour,192.0.2.1 ssh-ed25519 AAAA\n|1|x= y\n# other\n[port]:22 z\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_as_it_was(shell: str) -> None:
    """After a change of the options, HMP_TEST_UPDATE=1 writes the three anew."""
    golden.check(Path(__file__).parent / "golden" / f"hmp.{shell}", script(shell))


def bash(tmp_path: Path, *words: str) -> list[str]:
    """Return what bash offers for the last of some words behind ``hmp``."""
    (tmp_path / "script").write_text(script("bash"))
    (tmp_path / "hmp").write_text(
        "#!/bin/sh\necho '      12  vm1                   /a'\n"
        "echo '     345  -                     no QMP socket'\n"
    )
    (tmp_path / "hmp").chmod(0o755)
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/config").write_text(SSH_CONFIG)
    (tmp_path / ".ssh/known_hosts").write_text(KNOWN_HOSTS)
    line = " ".join(f"'{word}'" for word in ("hmp", *words))
    code = (
        f"HOME={tmp_path}; PATH={tmp_path}:$PATH; . {tmp_path}/script; COMP_WORDS=({line});"
        f' COMP_CWORD={len(words)}; _hmp; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(
        ["bash", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return sorted(done.stdout.split())


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["--rea"], ["--read-only"]),
        (["-o", ""], ["json", "rich", "text"]),
        (["--output", "j"], ["json"]),
        (["--shell-completion", "f"], ["fish"]),
        (["-c", ""], []),
        (["vm"], ["vm1"]),
        (["ne"], ["near:", "neighbour:"]),
        (["o"], ["other:"]),
        (["19"], ["192.0.2.1:"]),
        (["near:"], ["near:"]),
        (["p"], []),
        (["scr"], ["script"]),
        (["-f", "scr"], ["script"]),
    ],
)
def test_bash_completes(tmp_path: Path, words: list[str], offered: list[str]) -> None:
    """Options, their values, the machines that run, ssh's hosts, and files."""
    assert bash(tmp_path, *words) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_option_is_in_the_script(shell: str) -> None:
    """Made from the table, so that nothing is missing."""
    text = script(shell)

    for option in OPTIONS:
        name = option.lstrip("-") if shell == "fish" else option
        assert name in text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_for_its_shell(shell: str, tmp_path: Path) -> None:
    """The shell itself finds no mistake in it, where it is there to be asked."""
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    path = tmp_path / "script"
    path.write_text(script(shell))
    done = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


def test_zsh_and_fish_know_values_and_files() -> None:
    """What an option takes is told in the shell's own words."""
    assert "'-o[how results are shown" in script("zsh")
    assert ":output:(text rich json)' \\" in script("zsh")
    assert "'--config[the configuration file]:config:_files'" in script("zsh")
    assert "complete -c hmp -s o -l output -x -a 'text rich json'" in script("fish")
    assert "complete -c hmp -s f -l file -r -d" in script("fish")


def test_the_option_prints_it() -> None:
    """hmp --shell-completion SHELL."""
    done = run("--shell-completion", "fish")

    assert (done.returncode, done.stdout) == (0, script("fish"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_tab_asks_no_machine_for_its_state(shell: str) -> None:
    """Names are enough, and a Tab must not take a socket that serves one client."""
    lists = [line for line in script(shell).splitlines() if "hmp --list" in line]

    assert len(lists) == 1
    assert "HMP_LIST_STATES=no hmp --list" in lists[0]
