"""Whether a machine of this host is silent since its process is stopped."""

from __future__ import annotations


def halted(pid: int) -> str:
    """Return how to resume a process that is stopped; empty if it runs, or is unknown."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # the name of the program is in parentheses, and may contain any character
            state = file.read().rpartition(b")")[2].split()[0]
    except (OSError, IndexError):
        return ""
    if state == b"T":
        return f"its process is stopped; resume it with: kill -CONT {pid}"
    return f"its process, {pid}, is stopped by a debugger" if state == b"t" else ""


def no_reply(what: str, limit: float, pid: int) -> str:
    """Return the message for a reply that did not arrive in time."""
    why = halted(pid)
    return f"no reply to '{what}' within {limit:g} s{': ' if why else ''}{why}"
