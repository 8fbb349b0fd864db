"""The command-line tool `python -m hmp.qapi`; each subcommand is one small function.

It exits with 0, with 1 if a schema or a file is wrong (said on stderr as
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
from hmp.qapi.render import describe, describe_all
from hmp.qapi.schema import Schema, load_schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


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


def _fail(message: str) -> int:
    """Print a message and return the exit status for it."""
    print(message, file=sys.stderr)  # noqa: T201  # this is the program's output
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m hmp.qapi", description="Work with QAPI schemas."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, run: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        command.add_argument(
            "--edition",
            choices=sorted(EDITIONS),
            help="the QEMU whose rules apply (default: 10.0, or 7.2 where the schema's "
            "documentation is in the form that only 7.2 takes)",
        )
        return command

    check = add("check", _check, "Check schemas; say what is wrong, if anything.")
    check.add_argument("files", nargs="+", metavar="FILE")

    text = "Print the array that query-qmp-schema answers, as JSON."
    introspection = add("introspect", _introspect, text)
    introspection.add_argument("file", metavar="FILE")
    introspection.add_argument(
        "--if",
        action="append",
        dest="conditions",
        metavar="NAME",
        help="count NAME as defined, all others as not (default: leave out nothing)",
    )
    introspection.add_argument(
        "--unmask", action="store_true", help="keep the names of types"
    )

    types = add("types", _types, "Print a Python module with the schema's types.")
    types.add_argument("file", metavar="FILE")

    doc = add("doc", _doc, "Print the documentation of a schema or a part of it.")
    doc.add_argument("file", metavar="FILE")
    doc.add_argument("name", nargs="?", metavar="NAME", help="a command, event or type")
    doc.add_argument(
        "-o", "--output", choices=["text", "md"], default="text", help="default: text"
    )
    return parser


def _load(file: str, options: argparse.Namespace) -> Schema:
    return load_schema(file, EDITIONS.get(options.edition))


def _print(text: str) -> None:
    sys.stdout.write(text)


def _check(options: argparse.Namespace) -> int:
    status = 0
    for file in options.files:
        try:
            _load(file, options)
        except QAPIError as error:
            status = _fail(str(error))
    return status


def _introspect(options: argparse.Namespace) -> int:
    infos = introspect(
        _load(options.file, options),
        masked=not options.unmask,
        conditions=options.conditions,
    )
    _print(json.dumps(infos, indent=2) + "\n")
    return 0


def _types(options: argparse.Namespace) -> int:
    _print(generate_types(_load(options.file, options)))
    return 0


def _doc(options: argparse.Namespace) -> int:
    schema = _load(options.file, options)
    if options.name is not None and options.name not in schema.entities:
        return _fail(f"{options.file}: '{options.name}' is not defined")
    layout = to_markdown if options.output == "md" else to_text
    descriptions = (
        describe_all(schema) if options.name is None else [describe(schema, options.name)]
    )
    _print("\n".join(layout(description) for description in descriptions))
    return 0


if __name__ == "__main__":
    sys.exit(main())
