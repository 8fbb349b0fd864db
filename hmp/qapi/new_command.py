"""The files of a new command, ready to be filled in.

A command lives in a directory that ``hmp --extend`` takes: its schema entry in
``machine/schema.json``, its function in ``machine/``, its monitor entry in ``commands/``,
or in ``info/`` when its name begins with ``query-``, and a test in ``tests/``.
"""

from __future__ import annotations

import os
import re

from hmp.qapi.error import Place, QAPIError
from hmp.qapi.names import function_name, python_name

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_SCHEMA = """\
##
# @{name}:
#
# Describe here what the command does.
#
# @message: describe the argument here.
#
# Since: 0.1
##
{{ 'command': '{name}', 'data': {{ '*message': 'str' }} }}
"""

_QUERY_SCHEMA = """\
##
# @{type}:
#
# Describe the type here.
#
# @value: describe the member here.
#
# Since: 0.1
##
{{ 'struct': '{type}', 'data': {{ 'value': 'str' }} }}

##
# @{name}:
#
# Describe here what the command returns.
#
# Returns: describe the value here
#
# Since: 0.1
##
{{ 'command': '{name}', 'returns': '{type}' }}
"""

_FUNCTION = '''\
"""The command {name}."""

from hmp.machine.machine import EmbeddedMachine
from hmp.qmp.errors import QMPError


def {function}(machine: EmbeddedMachine, /, message: str | None = None) -> None:
    """Describe here what it does, and which errors it raises."""
    if message == "":
        raise QMPError("the message is empty")
    machine.output(f"{{message or '{name}'}}\\n")
'''

_QUERY_FUNCTION = '''\
"""The command {name}."""


def {function}() -> dict[str, object]:
    """Return {type}."""
    return {{"value": "fill this in"}}
'''

_ENTRY = '''\
"""The monitor command {name}."""

from typing import Any

from hmp.authoring import Monitor, QDict, command

CATEGORY = "Mine"


@command(
    "{name}",
    args_type="message:s?",
    help="describe it here in a line",
    qmp=["{name}"],
    example="{name} hi",
)
async def {identifier}(mon: Monitor, args: QDict) -> Any:
    """Describe here what it does."""
    return await mon.qmp.execute("{name}", message=args.get("message"))
'''

_QUERY_ENTRY = '''\
"""The monitor command info {short}."""

from collections.abc import Iterator
from typing import Any

from hmp.authoring import Monitor, QDict, info

CATEGORY = "Mine"


@info("{short}", help="describe it here in a line", qmp=["{name}"])
async def {identifier}(mon: Monitor, args: QDict) -> Any:
    """Return {type}."""
    return await mon.qmp.execute("{name}")


@{identifier}.text
def {identifier}_text(value: Any) -> Iterator[str]:
    """Yield a line."""
    yield value["value"]
'''

_TEST = '''\
import subprocess
import sys
from pathlib import Path

DIRECTORY = Path(__file__).parent.parent


def test_{identifier}() -> None:
    """The command prints the expected text."""
    hmp = [sys.executable, "-m", "hmp", "--extend", str(DIRECTORY)]
    line = [*hmp, "-c", "{line}"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("{output}\\n", "")
    assert done.returncode == 0
'''


def new_command(name: str, directory: str) -> list[str]:
    """Write the files of a command; return their paths.

    The schema file gets the entry at its end, the other files are new. Raises QAPIError
    for an invalid name, or a file that exists already.
    """
    if not _NAME.fullmatch(name):
        raise QAPIError(
            Place("new-command"),
            f"'{name}' is not a command name; use lower case words joined with '-'",
        )
    files = _files(name)
    for path in files:
        if os.path.exists(os.path.join(directory, path)):
            place = Place(os.path.join(directory, path))
            raise QAPIError(place, "the file exists already; choose another name")
    schema = os.path.join("machine", "schema.json")
    text = _QUERY_SCHEMA if name.startswith("query-") else _SCHEMA
    _write(os.path.join(directory, schema), text.format(**_words(name)))
    for path, content in files.items():
        _write(os.path.join(directory, path), content)
    return [os.path.join(directory, path) for path in (schema, *files)]


def _words(name: str) -> dict[str, str]:
    """Return the values for the templates."""
    short = name.removeprefix("query-")
    query = name != short
    identifier = python_name(short)
    return {
        "name": name,
        "short": short,
        "function": function_name(name),
        # the entry's file has imported these names
        "identifier": identifier + ("_" if identifier in ("command", "info") else ""),
        "type": short.title().replace("-", ""),
        "line": f"info {short}" if query else name,
        "output": "fill this in" if query else name,
    }


def _files(name: str) -> dict[str, str]:
    """Return the new files by their paths inside the directory."""
    words = _words(name)
    module = f"{words['short'].replace('-', '_')}.py"
    query = name.startswith("query-")
    table = "info" if query else "commands"
    templates = {
        os.path.join("machine", module): _QUERY_FUNCTION if query else _FUNCTION,
        os.path.join(table, module): _QUERY_ENTRY if query else _ENTRY,
        os.path.join("tests", f"test_{module}"): _TEST,
    }
    return {path: text.format(**words) for path, text in templates.items()}


def _write(path: str, text: str) -> None:
    """Write a file, or append to it after a blank line."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    blank = "\n" if os.path.exists(path) else ""
    with open(path, "a", encoding="utf-8") as file:
        file.write(blank + text)
