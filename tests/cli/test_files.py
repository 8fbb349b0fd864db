"""Files of users, right and wrong: no traceback, no silence, and the file is named."""

from __future__ import annotations

import io
import json
import os
import random
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from hmp.frontends.config import load_config
from hmp.monitor.errors import ConfigError
from hmp.terminal.prompt import check_settings
from tests.program import run

SECONDS = float(os.environ.get("HMP_TEST_RANDOM_SECONDS", "6"))
SEED = int(os.environ.get("HMP_TEST_RANDOM_SEED", "4"))

CONFIG = """[session]
editing = "emacs"
prompt = "({program}{name}{state}{mode}) "
pager = "less -RX"
confirm = true
history = "~/.hmp_history"

[theme]
"hmp.good" = "green"
"prompt.name" = "bold ansigreen"

[keys]
f5 = "info status"
"c-x b" = "info block"

[aliases]
r = "system_reset"
disks = ["info block", "info blockstats"]

[targets.prod]
target = "/run/vm/prod.sock"
read_only = true
"""
MODULE = '''"""Mine."""

from hmp.authoring import command

CATEGORY = "Mine"


@command("double", args_type="number:i", help="double a number")
async def double(mon, args):
    return {"number": 2 * args["number"]}


@double.text
def double_text(value):
    yield str(value["number"])
'''
SCHEMA = """##
# @hello-moon:
#
# Print a greeting.
#
# @message: what to say.
#
# Since: 1.0
##
{ 'command': 'hello-moon', 'data': { '*message': 'str' } }
"""
FUNCTION = """
def qmp_hello_moon(machine, /, message: str | None = None) -> None:
    machine.output("hello")
"""
VERSION = {"qemu": {"major": 9, "minor": 0, "micro": 0}, "package": ""}
RECORDING = "".join(
    f"{json.dumps(record)}\n"
    for record in (
        {"<-": {"QMP": {"version": VERSION, "capabilities": []}}},
        {"line": "info status"},
        {"->": {"execute": "query-status", "id": 1}},
        {"<-": {"return": {"running": True, "status": "running"}, "id": 1}},
    )
)
SCRIPT = "# a comment\n\nhello-world\n  # another\ninfo status\n"


def damaged(good: str) -> Iterator[bytes]:
    """Yield a file that is damaged in ever other ways: bytes, bits, pieces, words."""
    chance = random.Random(SEED)
    data = good.encode()
    words = [b"\0", b"\xff\xfe", b"{", b"[" * 2000, b'"', b"\n", b"\\u0000", b"1" * 5000]
    words += [b"true", b'""', b"[]", b"{}", b"import sys; sys.exit(0)\n", b"1/0\n", b"'"]
    yield from (b"", b"\0" * 100, b"\xef\xbb\xbf" + data, data[: len(data) // 2])
    yield from (bytes(range(256)), b"\xff\xfe" + good.encode("utf-16-le"))
    while True:
        start, length = chance.randrange(len(data)), chance.choice((0, 0, 1, 5, 40))
        noise = chance.choice([*words, chance.randbytes(chance.randrange(1, 20))])
        yield data[:start] + noise + data[start + length :]


def judge(done: CompletedProcess[str], name: Path, data: bytes) -> None:
    """Check that a run has ended well, or in one clear line that names the file."""
    text = done.stdout + done.stderr
    assert "Traceback" not in text, data
    assert "internal error" not in text, data
    assert done.returncode in (0, 1, 2, 3), data
    if done.returncode:
        assert text, data
    if done.returncode in (2, 3):
        assert done.stderr.startswith("hmp: "), data
        assert str(name) in done.stderr, data


@pytest.mark.parametrize("kind", ["config", "recording", "script", "module", "schema"])
def test_damaged_files(tmp_path: Path, kind: str) -> None:
    """Through the program, for a while."""
    folder = tmp_path / "mine"
    paths = {"module": "commands/mine.py", "schema": "machine/schema.json"}
    path = folder / paths.get(kind, kind)
    path.parent.mkdir(parents=True)
    if kind == "schema":
        (path.parent / "functions.py").write_text(FUNCTION)
    good, arguments = {
        "config": (CONFIG, ["--config", str(path), "-c", "info status"]),
        "recording": (RECORDING, ["-c", "info status", f"replay:{path}"]),
        "script": (SCRIPT, ["-f", str(path)]),
        "module": (MODULE, ["--extend", str(folder), "-c", "double 4"]),
        "schema": (SCHEMA, ["--extend", str(folder), "-c", "qmp hello-moon"]),
    }[kind]
    path.write_text(good)
    assert run(*arguments).returncode in (0, 1)
    deadline = time.monotonic() + SECONDS
    for data in damaged(good):
        path.write_bytes(data)
        judge(run(*arguments), path.parent if kind == "schema" else path, data)
        if time.monotonic() > deadline:
            break


def test_damaged_configurations(tmp_path: Path) -> None:
    """Many more, and all that a session makes of them, in this process."""
    path = tmp_path / "config.toml"
    deadline = time.monotonic() + SECONDS
    for data in damaged(CONFIG):
        path.write_bytes(data)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            try:
                check_settings(load_config(str(path), os.environ))
            except ConfigError as error:
                problem = str(error)
            else:
                problem = str(path)
        assert str(path) in problem, data
        if time.monotonic() > deadline:
            break


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[keys]\n"" = "info name"\n', "keys: '' is not a key"),
        ('[keys]\nf99 = "info name"\n', "keys: 'f99': "),
        ('[theme]\n"hmp.nope" = "red"\n', "theme: no style 'hmp.nope'"),
        ('[theme]\n"hmp.good" = "nocolour"\n', "theme: 'hmp.good': "),
        ('[theme]\n"a" = "#zz"\n', "theme: "),
        ('[session]\nhistory = "a\\u0000b"\n', "'session.history' holds a null character"),
        ("[session]\nconfirm = 1\n", "'session.confirm' must be true or false, not 1"),
        ("[session\n", "Expected ']'"),
        ("x = " + "[" * 5000 + "\n", "nested too deeply"),
        ("x = " + "9" * 5000 + "\n", ""),
    ],
)
def test_scripts_refuse_a_wrong_configuration(
    tmp_path: Path, text: str, complaint: str
) -> None:
    """It is named, and the place in it, whether it would be used or not."""
    path = tmp_path / "config.toml"
    path.write_text(text)
    for arguments in (["-c", "hello-world"], []):
        done = run("--config", str(path), *arguments, script="hello-world\n")

        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith(f"hmp: {path}: {complaint}")


def test_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    """Or is no file."""
    done = run("--config", str(tmp_path / "none"), "-c", "hello-world")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"hmp: cannot read {tmp_path}/none: No such file or directory\n"

    done = run("--config", str(tmp_path), "-c", "hello-world")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"hmp: cannot read {tmp_path}: Is a directory\n"


def test_a_byte_order_mark(tmp_path: Path) -> None:
    """It is no fault, in a configuration or a script, which may be indented as well."""
    config, script = tmp_path / "config.toml", tmp_path / "script"
    config.write_bytes(b"\xef\xbb\xbf" + CONFIG.encode())
    script.write_bytes(b"\xef\xbb\xbf# one\r\n  # two\nhello-world\n")

    for arguments in (["-f", str(script)], ["-c", f"source {script}"]):
        done = run("--config", str(config), *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (0, "Hello, world\n", "")
    assert run(script=script.read_bytes()).stdout == "Hello, world\n"


@pytest.mark.parametrize("kind", ["directory", "link", "binary"])
def test_files_that_are_no_text(tmp_path: Path, kind: str) -> None:
    """Each is named, as what it is."""
    path = tmp_path / "it"
    if kind == "directory":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(path)
    elif kind == "binary":
        path.write_bytes(os.urandom(3000))
    for option in ("-f", "--config", "replay:", "--extend"):
        arguments = [f"replay:{path}"] if option == "replay:" else [option, str(path)]
        done = run(*arguments, *([] if option == "-f" else ["-c", "hello-world"]))
        judge(done, path, b"")
        assert done.returncode != 0 or (option, kind) == ("-f", "binary")
