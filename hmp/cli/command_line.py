"""The command line: parsed and checked before anything runs.

By the table of `hmp.cli.options`, since `argparse` takes longer to import than a whole run
of one command. The rules are the usual ones: ``--name VALUE``, ``--name=VALUE``,
``-c VALUE``, ``-cVALUE``, switches of one letter in one word, options and the target in
any order.
"""

from __future__ import annotations

from hmp.cli.options import BY_NAME, OPTIONS, Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from hmp.cli.options import Option

USAGE = "usage: hmp [OPTION]... [TARGET]...\n       hmp [OPTION]... -- QEMU [ARGUMENT]...\n"

_MONITORS = "-monitor, -qmp, -chardev and -mon"


class InvocationError(Exception):
    """A wrong command line; the text gives the reason."""


def parse_command_line(argv: Sequence[str]) -> Options:
    """Parse the arguments after the program's name. Raises InvocationError."""
    try:
        return _parsed(argv)
    except InvocationError as error:
        raise InvocationError(f"{error}{_advice(argv)}") from None


def _parsed(argv: Sequence[str]) -> Options:
    arguments = list(argv)
    options = Options()
    if "--" in arguments:
        # everything after it is QEMU's, even what looks like an option of hmp
        split = arguments.index("--")
        options.launch = arguments[split + 1 :]
        del arguments[split:]
    unknown = _Parsing(options, arguments).run()
    if options.help:
        return options
    if unknown:
        raise InvocationError(f"unrecognized arguments: {' '.join(unknown)}")
    _check(options)
    return options


def _advice(argv: Sequence[str]) -> str:
    """Return the advice to whoever starts a QEMU without ``--``; else an empty string."""
    import os
    import shlex
    import shutil

    for place, argument in enumerate([] if "--" in argv else argv):
        if os.path.basename(argument).startswith("qemu-") and shutil.which(argument):
            right = [*argv[:place], "--", *argv[place:]]
            return f"; to start a QEMU, put -- before it: hmp {shlex.join(right)}"
    return ""


class _Parsing:
    """Parses the arguments one by one; rest: those that are left, the next one last."""

    def __init__(self, options: Options, arguments: Sequence[str]) -> None:
        self.options = options
        self.rest = [*reversed(arguments)]

    def run(self) -> list[str]:
        """Parse all arguments and return the unknown ones; ``--help`` ends it."""
        unknown: list[str] = []
        options = self.options
        while self.rest and not self.options.help:
            argument = self.rest.pop()
            if argument[:1] == "-" and argument != "-":
                if not self._option(argument):
                    unknown.append(argument)
            else:
                self.options.targets.append(argument)
        options.target = options.targets[0] if options.targets else None
        return unknown

    def _option(self, argument: str) -> bool:
        """Parse an option, and its value; return whether it is known."""
        if option := BY_NAME.get(argument):
            self._set(option, None)
            return True
        name, equals, value = argument.partition("=")
        if equals and (option := BY_NAME.get(name)):
            self._set(option, value)
            return True
        option = BY_NAME.get(argument[:2])
        if option is None or argument[1] == "-":
            return False
        if option.value:
            self._set(option, argument[2:])
            return True
        self._set(option, None)
        # a switch: the rest of the word is more switches, as in -yb
        return self._option(f"-{argument[2:]}")

    def _set(self, option: Option, value: str | None) -> None:
        """Set an option's field; value: the text joined to its name, if any."""
        if not option.value:
            if value is not None:
                _refuse(option, f"ignored explicit argument {value!r}")
            setattr(self.options, option.field, True)
            return
        if value is None:
            if not self.rest or _looks_like_option(self.rest[-1]):
                _refuse(option, "expected one argument")
            value = self.rest.pop()
        try:
            option.store(self.options, value)
        except ValueError as error:
            _refuse(option, str(error))


def _looks_like_option(argument: str) -> bool:
    """Return whether an argument is an option: neither a number nor a line with blanks."""
    # as argparse does: a number may be negative, and options have no blanks
    if argument[:1] != "-" or argument == "-" or " " in argument:
        return False
    try:
        # a negative number is a value; the option checks whether it may be one
        float(argument)
    except ValueError:
        return True
    return False


def _refuse(option: Option, reason: str) -> NoReturn:
    raise InvocationError(f"argument {'/'.join(option.names)}: {reason}")


def _check(options: Options) -> None:
    """Check that the options fit together. Raises InvocationError."""
    if options.allow and not options.mcp:
        raise InvocationError("--allow works with --mcp only")
    if options.mcp:
        _check_mcp(options)
    if options.top:
        _check_top(options)
    elif options.interval or options.count:
        raise InvocationError("--interval and --count work with --top only")
    if options.raw and not options.query:
        raise InvocationError("--raw needs --query")
    if options.list:
        _check_list(options)
    if options.version or options.shell_completion:
        _check_alone(options)
    _check_machines(options)


def _check_machines(options: Options) -> None:
    """Check that the options fit the machines. Raises InvocationError."""
    launch, target = options.launch, options.target
    if options.list and len(options.targets) > 1:
        raise InvocationError("--list takes one host")
    if options.monitors and (len(options.targets) > 1 or options.all):
        raise InvocationError(
            "the monitors of one machine can be opened, not those of several"
        )
    if options.list and target and not target.endswith(":"):
        raise InvocationError(f"--list takes a host, as in '{target}:'")
    if launch is not None and not launch:
        raise InvocationError("'--' needs the command line of a QEMU after it")
    if launch and launch[0].startswith("-"):
        raise InvocationError(
            f"'--' needs the command line of a QEMU after it; put '{launch[0]}' before it"
            " if it is an option of hmp"
        )
    if launch and target:
        raise InvocationError(
            f"give either a TARGET ('{target}') or a command after '--', not both"
        )
    if options.wait and not (target or launch):
        raise InvocationError("--wait needs a TARGET to wait for, or a QEMU after '--'")
    if options.clock and (launch or target):
        raise InvocationError("--clock works with the demonstration machine only")


def _check_mcp(options: Options) -> None:
    """Refuse options that do not go with --mcp, which uses the standard streams."""
    others = {
        "-c": options.sources,
        "-o": options.output,
        "--query": options.query,
        "--list": options.list,
        "--trace": options.trace,
        "--clock": options.clock,
        "a command after '--'": options.launch,
        _MONITORS: options.monitors,
    }
    _refuse_others("--mcp", others)
    if options.allow and options.read_only:
        raise InvocationError("give either --allow or --read-only, not both")


def _check_top(options: Options) -> None:
    """Check what --top can be combined with: it runs no lines."""
    others = {
        "-c and -f": options.sources,
        "--mcp": options.mcp,
        "--list": options.list,
        "--query": options.query,
        "--record": options.record,
        "--trace": options.trace,
        "-b and --diff": options.gather or options.diff,
        "a command after '--'": options.launch,
        _MONITORS: options.monitors,
    }
    _refuse_others("--top", others)


def _check_list(options: Options) -> None:
    """Refuse options that --list, which connects to no machine, would ignore."""
    if options.query:
        raise InvocationError("--list does not work with --query; use '-o json' and jq")
    fields = "sources trace wait clock record exclude fanout gather diff"
    _refuse_others("--list", _given(options, fields))


def _check_alone(options: Options) -> None:
    """Refuse what --version and --shell-completion, which only print, would ignore."""
    mode = "--version" if options.version else "--shell-completion"
    fields = "sources query list top mcp record"
    _refuse_others(mode, _given(options, fields))


def _given(options: Options, fields: str) -> dict[str, object]:
    """Return what was given for options, chosen by their fields, monitors, and the QEMU."""
    chosen = [option for option in OPTIONS if option.field in fields.split()]
    given = {"/".join(option.names): getattr(options, option.field) for option in chosen}
    return {
        **given,
        "a command after '--'": options.launch is not None,
        _MONITORS: options.monitors,
    }


def _refuse_others(mode: str, others: Mapping[str, object]) -> None:
    """Refuse what was given beside a mode that would ignore it. Raises InvocationError."""
    for name, given in others.items():
        if given:
            raise InvocationError(f"{mode} does not work with {name}")
