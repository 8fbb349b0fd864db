"""``hmp --top``: what the machines of a set do, on a screen or as text or JSON."""

from __future__ import annotations

import gc
import json
import os
from copy import copy
from time import monotonic, sleep, time

from hmp.cli import GONE, OK, SIGNALLED, complain, failure, report
from hmp.cli.fleet import members_of
from hmp.cli.missed_signals import end_in_order
from hmp.display.sanitise import one_line
from hmp.display.screen import Screen
from hmp.display.sink import Sink
from hmp.fleet.at_once import reach
from hmp.fleet.gauges import INTERVAL, Gauges
from hmp.fleet.report import left_out
from hmp.fleet.top_table import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hmp.cli.options import Options
    from hmp.fleet.sample import Reading
    from hmp.fleet.sets import SetMember
    from hmp.qmp.connection import Connection
    from hmp.terminal.top_screen import Top

_LIMIT = 5.0
"""Seconds that a machine has for one reply, unless --timeout says otherwise."""
_DIAGNOSIS = 1.0
"""Seconds more that it takes to find out why it does not answer."""


def run_top(options: Options) -> int:
    """Show what the machines do until the user leaves; return the exit status.

    Raises CommandLineError, ConfigError, ConnectError.
    """
    gc.enable()  # it may run for days
    if not options.targets:
        options.all = True
    gauges = Gauges(members_of(options), _connect(options))
    interval = options.interval or INTERVAL
    drawn = options.output in (None, "rich") and options.count is None
    end_in_order()
    try:
        if drawn and os.isatty(0) and os.isatty(1) and not Screen(1, os.environ).dumb:
            return _on_screen(gauges, interval, options)
        return _as_text(gauges, interval, options)
    finally:
        gauges.end()


def _connect(options: Options) -> Callable[[SetMember], Connection]:
    def connect(member: SetMember) -> Connection:
        connection, _ = reach(
            member,
            timeout=options.timeout,
            config=options.config,
            limit=_LIMIT,
            private=not options.hold,
        )
        return connection

    return connect


def _as_text(gauges: Gauges, interval: float, options: Options) -> int:
    """Write a table or a JSON object for each interval, which begins with a first look."""
    out = Sink(1)
    count = options.count
    last = (options.timeout or _LIMIT) + _DIAGNOSIS
    due = monotonic()
    # the first look only gives counters; rates need two
    readings = gauges.look()
    while count is None or count > 0:
        due += interval
        # by the clock, since a look takes time: the interval would grow by it
        sleep(max(due - monotonic(), 0))
        readings = gauges.look(last if count == 1 else None)
        if options.output == "json":
            out.write(f"{json.dumps({'time': round(time(), 3), 'machines': readings})}\n")
        else:
            out.write(f"{plain(readings)}\n")
        out.flush()
        count = None if count is None else count - 1
    for name, other in gauges.twins:
        report(left_out(name, other), OK)
    failed = [reading for reading in readings if "error" in reading]
    for reading in failed:
        report(one_line(f"{reading['target']}: {reading['error']}") + "\n", GONE)
    return GONE if failed else OK


def _on_screen(gauges: Gauges, interval: float, options: Options) -> int:
    """Draw the screen; a machine that is opened has the terminal until its session ends."""
    from hmp.frontends.config import load_config
    from hmp.frontends.in_thread import in_thread
    from hmp.terminal.prompt import check_settings
    from hmp.terminal.top_screen import Top

    check_settings(load_config(options.config, os.environ))  # applies the theme, too

    async def look() -> Sequence[Reading]:
        return await in_thread(gauges.look)

    top = Top(look, lambda: Screen(1, os.environ), interval)
    while True:
        name, signal = _run_screen(top)
        if name is None:
            return SIGNALLED + signal if signal else OK
        status = _open(gauges.release(name), options)
        if status > SIGNALLED:
            return status


def _run_screen(top: Top) -> tuple[str | None, int]:
    """Return the machine to open, or None, and the signal that has ended the screen."""
    import asyncio

    from hmp.terminal.signals import ENDINGS, handled, is_abandoned

    came: list[int] = []

    async def run() -> str | None:
        if is_abandoned():
            return None
        loop, screen = asyncio.get_running_loop(), asyncio.ensure_future(top.run())

        def end(number: int) -> None:
            came.append(number)
            # a handler interrupts the loop anywhere, and only this wakes one that waits
            loop.call_soon_threadsafe(screen.cancel)

        try:
            with handled(ENDINGS, end):
                return await screen
        except asyncio.CancelledError:
            if not came:
                raise
            return None

    name = asyncio.run(run())
    return (None, came[0]) if came else (name, 0)


def _open(member: SetMember, options: Options) -> int:
    """Run a session on a machine, and return its exit status.

    What prevents it is shown until the user presses Enter.
    """
    from hmp.cli.run import run

    own = copy(options)
    own.target = member.address or member.name
    own.targets = [own.target]
    own.top = own.all = False
    own.exclude = []
    own.read_only = options.read_only or member.read_only
    try:
        return run(own)
    # the failure of one machine must not end the list of all
    except Exception as error:
        status = failure(error)
        complain("press Enter to go back", status)
        os.read(0, 1024)
        return status
