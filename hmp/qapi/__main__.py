"""The command-line tool `python -m hmp.qapi`.

Each subcommand is two small functions: one adds it to the command line, one runs it.

It exits with 0, with 1 if a schema or a file is wrong (reported on stderr as
`FILE:LINE: message`), with 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys

from hmp.qapi.edition import EDITIONS
from hmp.qapi.error import QAPIError
from hmp.qapi.generate import generate_types
from hmp.qapi.introspection import introspect
from hmp.qapi.layout import to_markdown, to_text
from hmp.qapi.new_command import new_command
from hmp.qapi.relaxation import relax
from hmp.qapi.render import describe, describe_all
from hmp.qapi.replies import Replies, module, overloads, stub
from hmp.qapi.schema import Schema, load_schema
from hmp.qapi.typed_client import generate_client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tool with `arguments` (default: the command line's); return its status."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except QAPIError as error:
        return _fail(str(error))
    except OSError as error:
        # Python would try to write the rest at exit; a reader that has gone needs nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 1
        return _fail(f"can't write the output: {error.strerror}")
    return status


def _add_new_command(commands: Commands) -> None:
    text = "Write the files of a new command for hmp --extend DIR, ready to fill in."
    command = commands.add_parser("new-command", help=text, description=text)
    command.set_defaults(run=_new_command)
    command.add_argument("name", metavar="NAME", help="query-… makes an info command")
    command.add_argument(
        "-C", "--directory", default=".", metavar="DIR", help="default: here"
    )


def _new_command(options: argparse.Namespace) -> int:
    for path in new_command(options.name, options.directory):
        sys.stdout.write(f"{path}\n")
    return 0


def _fail(message: str) -> int:
    """Print a message and return the exit status for it."""
    print(message, file=sys.stderr)  # noqa: T201  # this is the program's output
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m hmp.qapi", description="Work with QAPI schemas."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in (
        _add_check,
        _add_introspect,
        _add_types,
        _add_client,
        _add_replies,
        _add_doc,
        _add_new_command,
    ):
        add(commands)
    return parser


def _add(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], text: str
) -> argparse.ArgumentParser:
    """Add a subcommand that works on schemas, and return its parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=text
    )
    command.set_defaults(run=run)
    command.add_argument(
        "--edition",
        choices=sorted(EDITIONS),
        help="the QEMU whose rules apply (default: 10.0, in QEMU's own source tree its "
        "release, or 7.2 where documentation is in the form that only 7.2 takes)",
    )
    return command


def _load(file: str, options: argparse.Namespace) -> Schema:
    return load_schema(file, EDITIONS.get(options.edition))


def _add_check(commands: Commands) -> None:
    text = "Check schemas, and report the first error."
    command = _add(commands, "check", _check, text)
    command.add_argument("files", nargs="+", metavar="FILE")


def _check(options: argparse.Namespace) -> int:
    status = 0
    for file in options.files:
        try:
            _load(file, options)
        except QAPIError as error:
            status = _fail(str(error))
    return status


def _add_introspect(commands: Commands) -> None:
    text = "Print the reply to query-qmp-schema as JSON."
    command = _add(commands, "introspect", _introspect, text)
    command.add_argument("file", metavar="FILE")
    command.add_argument(
        "--if",
        action="append",
        dest="conditions",
        metavar="NAME",
        help="count NAME as defined, all others as not (default: leave out nothing)",
    )
    command.add_argument("--unmask", action="store_true", help="keep the names of types")


def _introspect(options: argparse.Namespace) -> int:
    schema = _load(options.file, options)
    masked = not options.unmask
    infos = introspect(schema, masked=masked, conditions=options.conditions)
    sys.stdout.write(json.dumps(infos, indent=2) + "\n")
    return 0


def _add_types(commands: Commands) -> None:
    text = "Print a Python module with the schema's types."
    command = _add(commands, "types", _types, text)
    command.add_argument("file", metavar="FILE")


def _types(options: argparse.Namespace) -> int:
    sys.stdout.write(generate_types(_load(options.file, options)))
    return 0


def _add_client(commands: Commands) -> None:
    text = "Print a Python module with a typed client for the schema's commands."
    command = _add(commands, "client", _client, text)
    command.add_argument("file", metavar="FILE")


def _client(options: argparse.Namespace) -> int:
    sys.stdout.write(generate_client(_load(options.file, options)))
    return 0


def _add_replies(commands: Commands) -> None:
    text = "Print the table of return types, joined from several schemas."
    command = _add(commands, "replies", _replies, text)
    command.add_argument("files", nargs="+", metavar="FILE")
    command.add_argument(
        "--machine",
        action="append",
        default=[],
        metavar="FILE",
        help="a machine's reply to query-qmp-schema: promise nothing it lacks",
    )
    texts = {"--stub": (stub, "the stub with TypedDicts")}
    texts["--overloads"] = overloads, "the stub with each command's return type"
    for option, (text_of, about) in texts.items():
        command.add_argument(
            option, dest="text_of", action="store_const", const=text_of, help=about
        )


def _replies(options: argparse.Namespace) -> int:
    replies = Replies()
    for file in options.files:
        replies.join(Replies.of(_load(file, options)))
    for path in options.machine:
        with open(path, encoding="utf-8") as file:
            relax(replies, json.load(file))
    replies.prune()
    sys.stdout.write((options.text_of or module)(replies))
    return 0


def _add_doc(commands: Commands) -> None:
    text = "Print the documentation of a schema or a part of it."
    command = _add(commands, "doc", _doc, text)
    command.add_argument("file", metavar="FILE")
    command.add_argument("name", nargs="?", metavar="NAME", help="a command, event or type")
    command.add_argument(
        "-o", "--output", choices=["text", "md"], default="text", help="default: text"
    )


def _doc(options: argparse.Namespace) -> int:
    schema = _load(options.file, options)
    if options.name is None:
        descriptions = describe_all(schema)
    elif options.name in schema.entities:
        descriptions = [describe(schema, options.name)]
    else:
        return _fail(f"{options.file}: '{options.name}' is not defined")
    layout = to_markdown if options.output == "md" else to_text
    sys.stdout.write("\n".join(map(layout, descriptions)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
