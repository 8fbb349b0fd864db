"""Whether a machine of this host is silent since its process is stopped."""

from __future__ import annotations


def process_fields(pid: int) -> list[bytes]:
    """Return what ``/proc/PID/stat`` has after the program's name. Raises OSError.

    0 is the state, 1 the parent, and 19 the start in clock ticks since the host's.
    """
    with open(f"/proc/{pid}/stat", "rb") as file:
        # the name is in parentheses, and may contain any character
        return file.read().rpartition(b")")[2].split()


def halted(pid: int) -> str:
    """Return how to resume a process that is stopped; empty if it runs, or is unknown."""
    try:
        state = process_fields(pid)[0]
    except (OSError, IndexError):
        return ""
    if state == b"T":
        return f"its process is stopped; resume it with: kill -CONT {pid}"
    return f"its process, {pid}, is stopped by a debugger" if state == b"t" else ""


def no_reply(what: str, limit: float, pid: int) -> str:
    """Return the message for a reply that did not arrive in time."""
    why = halted(pid)
    return f"no reply to '{what}' within {limit:g} s{': ' if why else ''}{why}"
