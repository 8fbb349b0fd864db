"""Ctrl-C in the moment between the last step of Python and a system call that waits."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.fakes import LIMIT
from tests.program import ROOT

MOMENT = """
import fcntl, os, signal
from collections import deque
from functools import partial
from operator import call
from hmp.cli.missed_signals import notice_signals

# a byte into the pipe makes the kernel send this process the signal
reading, writing = os.pipe()
fcntl.fcntl(reading, fcntl.F_SETOWN, os.getpid())
fcntl.fcntl(reading, fcntl.F_SETSIG, {signal})
fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
nothing, kept = os.pipe()


def leave(number, frame):
    raise KeyboardInterrupt


signal.signal({signal}, leave)
notice_signals()
for _ in range(20):
    try:
        # C alone runs between the signal and the call that waits
        deque(map(call, [partial(os.write, writing, b"x"), partial(os.read, nothing, 1)]))
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="F_SETSIG is Linux's")
@pytest.mark.parametrize("number", ["signal.SIGINT", "signal.SIGTERM", "signal.SIGHUP"])
def test_a_signal_right_before_a_wait_is_noticed(number: str) -> None:
    """Each time; and the system call would have waited for ever."""
    code = MOMENT.format(signal=number)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, timeout=LIMIT, cwd=ROOT
    )
    assert done.stdout == b"interrupted\n" * 20
