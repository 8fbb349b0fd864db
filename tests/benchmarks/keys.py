"""What a key costs: completion of 10,000 candidates, a slow machine, a flood of events.

Each figure is a limit against the 99th percentile of what was measured, so that a ratio
above 1 is good. Keys are timed on a pty, from their press until they are on the screen.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from completions.defaults import KINDS
from completions.qmp import RAW_QMP
from completions.trace import TRACE_EVENT
from hmp.builtin import load_tables
from hmp.completion.cache import WordCache
from hmp.monitor.kinds import Kind
from hmp.monitor.line import parse_line
from hmp.monitor.monitor import Monitor
from hmp.qmp.connection import Connection
from hmp.terminal.completer import LineCompleter
from hmp.terminal.highlighting import spans
from hmp.terminal.toolbar import Bar
from tests.terminal.machine import ScriptedMachine
from tests.terminal.screen import Terminal

CANDIDATES = 10_000
FRAME = 0.016
DRAWN = 0.05
PROMPT = "(qemu vm) "
SLOW = 5.0
"""Seconds that the slow machine takes to answer."""


class _Nobody(Connection):
    version = (10, 0, 0)
    has_hmp = False


def _words(kind: Kind, context: str) -> tuple[tuple[str, str], ...]:
    groups = ("virtio_blk", "qcow2", "kvm", "usb_xhci", "net_rx", "memory_region")
    return tuple(
        (f"{groups[n % len(groups)]}_{'read' if n % 2 else 'write'}_{n}", f"event {n}")
        for n in range(CANDIDATES)
    )


def key_with_candidates() -> float:
    """Return the 99th percentile of the seconds of our own that a key takes, all in all."""
    word_cache = WordCache()
    word_cache.store(TRACE_EVENT, "", _words(TRACE_EVENT, ""))
    word_cache.store(RAW_QMP, '["", {}, "", ""]', _words(RAW_QMP, ""))
    monitor = Monitor(_Nobody(), load_tables())
    completer = LineCompleter(monitor, word_cache, KINDS)
    bar = Bar(word_cache.look, KINDS, completer.diagnose)
    event = CompleteEvent(text_inserted=True)
    times = []
    for line in (
        "trace-event virtio_blk_read_77",
        "trace-event vbr9",
        "qmp memory_region_w",
        "trace-event read",
        "trace-event zzz",
        "explain trace-event usbx",
    ):
        for end in range(len(line.rpartition(" ")[0]) + 1, len(line) + 1):
            for _ in range(5):
                begun = time.process_time()
                list(completer.get_completions(Document(line[:end]), event))
                bar.describe(line[:end], monitor.commands, 80)
                spans(parse_line(line[:end], monitor.commands))
                times.append(time.process_time() - begun)
    return _percentile(times)


def _percentile(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


def _keys(terminal: Terminal, count: int) -> list[float]:
    """Press keys one after the other; return how long each took to be drawn."""
    times, line = [], ""
    for number in range(count):
        if number % 40 == 0:
            terminal.type("\x15")
            terminal.wait_row(PROMPT)
            line = "eject "
            terminal.type(line)
            terminal.wait_row(f"{PROMPT}{line}")
        line += "drive0cd1"[number % 9]
        begun = time.perf_counter()
        terminal.type(line[-1])
        terminal.wait_row(f"{PROMPT}{line}")
        times.append(time.perf_counter() - begun)
    return times


@contextmanager
def _session(machine: ScriptedMachine) -> Iterator[Terminal]:
    terminal = Terminal(machine.path, HMP_HISTORY="", TERM="xterm-256color")
    try:
        terminal.wait_prompt(PROMPT)
        yield terminal
    finally:
        terminal.close()


def key_with_slow_machine() -> float:
    """Return the 99th percentile of a key's time while the machine owes an answer."""
    with ScriptedMachine() as machine, _session(machine) as terminal:
        machine.hold()
        timer = threading.Timer(SLOW, machine.release)
        timer.start()
        times = _keys(terminal, 200)
        timer.join()
        return _percentile(times)


def key_under_events() -> float:
    """Return the 99th percentile of a key's time while 10,000 events come a second."""
    done = threading.Event()

    def flood(send: Callable[..., None]) -> None:
        while not done.is_set():
            send(*["RTC_CHANGE"] * 500, offset=1)
            done.wait(0.05)

    with ScriptedMachine() as machine, _session(machine) as terminal:
        thread = threading.Thread(target=flood, args=(machine.send,))
        thread.start()
        try:
            return _percentile(_keys(terminal, 200))
        finally:
            done.set()
            thread.join()
