"""What messages say about a machine whose process is stopped."""

from __future__ import annotations

import os
import signal
from subprocess import Popen

from hmp.frontends.runner import interrupted
from hmp.monitor.call import Call
from hmp.qmp.halted import halted, no_reply
from tests.fakes import FakeSession


def test_a_process_that_is_stopped() -> None:
    """How to resume it, after what was waited for; nothing of one that runs."""
    session = FakeSession()
    session.monitor.call = Call(session.monitor.line, (11, 0, 0), 0)
    before = interrupted(session.monitor)
    with Popen(["sleep", "60"]) as process:
        session.machine.pid = process.pid
        running = halted(process.pid)
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        stopped, late = interrupted(session.monitor), no_reply("x", 2, process.pid)
        process.kill()

    why = f": its process is stopped; resume it with: kill -CONT {process.pid}"
    assert running == ""
    assert stopped == f"{before}{why}"
    assert late == f"no reply to 'x' within 2 s{why}"
    assert no_reply("x", 2, 0) == no_reply("x", 2, process.pid)
    assert no_reply("x", 2, 0) == "no reply to 'x' within 2 s"
