"""A script on a set of machines, from the command line to the exit status."""

from __future__ import annotations

import os

from hmp.builtin import load_tables
from hmp.cli import FAILED, GONE, INTERRUPTED, OK, complain
from hmp.cli.missed_signals import end_in_order
from hmp.cli.open_machine import CommandLineError
from hmp.display.json_output import compile_query
from hmp.display.sink import Sink
from hmp.fleet.at_once import FANOUT
from hmp.fleet.node_sets import SetError
from hmp.fleet.report import Report, difference_text, gathered_text
from hmp.fleet.run_all import Plan, end_all, run_all
from hmp.fleet.sets import Sets
from hmp.frontends.config import load_config
from hmp.monitor.entry import READ
from hmp.monitor.line import is_comment_bytes, parse_line
from hmp.qmp.read_only import only_reads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from hmp.cli.options import Options
    from hmp.fleet.run_all import Outcome
    from hmp.fleet.sets import SetMember
    from hmp.monitor.entry import Table
    from hmp.qmp.exchange import Trace


def run_fleet(options: Options, sources: Iterable[tuple[Iterable[bytes], str]]) -> int:
    """Run the lines of all sources on the machines of a set; return the exit status.

    Raises CommandLineError, ConfigError, ConnectError, QueryError, TableError.
    """
    if options.query:
        options.output = "json"
        compile_query(options.query)  # an invalid one is found here, once
    if options.record:
        raise CommandLineError("--record takes one machine")
    table = load_tables(options.extend, lazy=True)
    members = members_of(options)
    # each machine runs all of them, but standard input can be read only once
    lines = [(list(source), name) for source, name in sources]
    # before the first line runs anywhere: a script that is refused halfway has changed half
    if len(members) > 1 and not (options.yes or options.read_only):
        _check_effects([line for source, _ in lines for line in source], table)
    plan = Plan(
        lines,
        table,
        style=options.output or "text",
        query=options.query,
        raw=options.raw,
        timeout=options.timeout,
        wait=options.wait,
        read_only=options.read_only,
        stop_on_error=options.stop_on_error,
        config=options.config,
        alone=len(members) == 1,
        trace=_trace if options.trace else lambda name: None,
    )
    end_in_order()
    outcomes = run_all(members, plan, options.fanout or FANOUT)
    report = _report(outcomes, options)
    try:
        report.follow()
    except KeyboardInterrupt:
        report.finish()
        return INTERRUPTED
    finally:
        end_all(outcomes, plan)
    report.finish()
    status = _status(outcomes)
    if missing := [o.member.name for o in outcomes if o.gone is not None]:
        from hmp.cli.loose_words import unquoted

        if advice := unquoted(options, missing):
            complain(advice, status)
    return status


def _report(outcomes: Sequence[Outcome], options: Options) -> Report:
    """Return what shows the results of the machines, as the options ask."""
    style = options.output or "text"
    together = None
    if style != "json" and (options.gather or options.diff):
        together = difference_text if options.diff else gathered_text
    # raw values are lines, which need their machine's name
    shown = "text" if options.raw else style
    return Report(outcomes, shown, together, Sink(1), Sink(2))


def _status(outcomes: Iterable[Outcome]) -> int:
    """Return the greatest exit status of all machines."""
    return max(
        GONE if outcome.gone is not None else FAILED if outcome.failed else OK
        for outcome in outcomes
    )


def members_of(options: Options) -> list[SetMember]:
    """Return the machines of the set.

    Raises CommandLineError, ConfigError, ConnectError.
    """
    try:
        return sets(options).members(options.targets, options.exclude, options.all)
    except SetError as error:
        raise CommandLineError(str(error)) from error


def sets(options: Options) -> Sets:
    """Return what finds the machines of sets, as the configuration has them."""
    return Sets(load_config(options.config, os.environ))


def _check_effects(lines: Iterable[bytes], table: Table) -> None:
    """Refuse lines that may change several machines. Raises CommandLineError."""
    for data in lines:
        if not is_comment_bytes(data) and not _reads(data.decode(errors="replace"), table):
            line = parse_line(data.decode(errors="replace"), table)
            shown = line.masked().strip()
            if line.entry is None:
                from hmp.frontends.shell import needs_session  # late: it is an error

                # a machine may have it nevertheless
                why = (
                    needs_session(line) or "as it may change several machines, it needs -y"
                )
                raise CommandLineError(f"unknown command '{shown}': {why}")
            raise CommandLineError(
                f"'{shown}' may change several machines; add -y to allow it"
            )


def _reads(text: str, table: Table) -> bool:
    """Return whether a line changes nothing."""
    line = parse_line(text, table)
    if line.entry is None:
        return not text.strip()
    if line.entry.names[0] == "qmp":
        from hmp.monitor.raw_qmp import command_of  # late: few lines are of QMP

        return only_reads(command_of(str(line.args.get("request", ""))))
    # these run other lines, which are unknown here
    return line.entry.effect == READ and line.entry.names[0] not in ("source", "time")


def _trace(name: str) -> Trace:
    """Return the callback that shows a machine's messages on standard error."""
    from hmp.display.sanitise import one_line
    from hmp.display.sink import say
    from hmp.monitor.messages import message_text

    shown = one_line(name)

    def show_message(arrow: str, message: dict[str, Any]) -> None:
        say(2, f"{shown}: {message_text(arrow, message)}")

    return show_message
