from __future__ import annotations

from pathlib import Path
from runpy import run_path

import pytest

from hmp.monitor.call import shown
from hmp.monitor.entry import Table
from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession

MINE = """\
from hmp.authoring import command


@command("broken", help="fail", qmp=["query-status"])
async def broken(mon, args):
    status = await mon.qmp.execute("query-status")
    return deeper(status)


def deeper(status):
    return sorted(status, key=lambda key: status["no\\nne"])


@command("mine", help="fail to show", qmp=["query-status"])
async def mine(mon, args):
    return await mon.qmp.execute("query-status")


@mine.text
def mine_text(status):
    yield status["shape"]


@command("slow", help="wait")
async def slow(mon, args):
    import asyncio
    await asyncio.sleep(0)


@command("silent", help="fail to show anything", qmp=["query-status"])
async def silent(mon, args):
    return await mon.qmp.execute("query-status")


@silent.text
def silent_text(status):
    pass


@command("whole", help="show one string", qmp=["query-status"])
async def whole(mon, args):
    return await mon.qmp.execute("query-status")


@whole.text
def whole_text(status):
    return status["status"]


@command("early", help="forget to await", qmp=["query-status"])
async def early(mon, args):
    return mon.qmp.execute("query-status")


@command("odd", help="return a set")
async def odd(mon, args):
    return {"keys": {1}}
"""
SHOWS_MORE = " (HMP_DEBUG=1 shows more)\n"


@pytest.fixture
def broken(tmp_path: Path) -> FakeSession:
    """Return a session with commands of a user's own."""
    path = tmp_path / "x.py"
    path.write_text(MINE)
    made = run_path(str(path))
    answers = {"query-status": {"running": True, "status": "running"}}
    names = ("broken", "mine", "silent", "slow", "whole", "early", "odd")
    table = Table([made[name] for name in names])
    return FakeSession(answers, table=table)


def test_a_handlers_bug_names_the_authors_line(broken: FakeSession, tmp_path: Path) -> None:
    """In one line; the machine is not blamed."""
    assert broken.prints("broken") == (
        "Error: bug in command 'broken': KeyError: 'no\\nne' at"
        f" {tmp_path}/x.py:11{SHOWS_MORE}"
    )


@pytest.mark.parametrize("where", ["/", "", "..", "gone"])
def test_the_place_of_a_bug_is_found_from_anywhere(
    broken: FakeSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Relative to a folder above that is not the root; the current folder may be gone."""
    folder = tmp_path / where
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    if where == "gone":
        folder.rmdir()

    shown = {"": "x.py", "..": f"{tmp_path.name}/x.py"}.get(where, f"{tmp_path}/x.py")
    assert f" at {shown}:11{SHOWS_MORE}" in broken.prints("broken")


def test_a_presentations_bug_names_the_authors_line(
    broken: FakeSession, tmp_path: Path
) -> None:
    """Text or view."""
    call = broken.call("mine")

    assert shown(call) == (
        f"Error: bug in command 'mine': KeyError: 'shape' at {tmp_path}/x.py:21{SHOWS_MORE}"
    )
    assert call.error is not None
    assert call.traceback == ""


def test_a_presentation_that_returns_nothing_is_the_authors(
    broken: FakeSession, tmp_path: Path
) -> None:
    """It fails in our code, but where the command is declared is what helps."""
    assert shown(broken.call("silent")) == (
        "Error: bug in command 'silent': TypeError: 'NoneType' object is not iterable at"
        f" {tmp_path}/x.py:30{SHOWS_MORE}"
    )


def test_a_presentation_that_returns_a_string_is_the_authors(
    broken: FakeSession, tmp_path: Path
) -> None:
    """Its letters are no lines."""
    assert shown(broken.call("whole")) == (
        "Error: bug in command 'whole': TypeError: the text function returned a string"
        f" instead of its lines at {tmp_path}/x.py:40{SHOWS_MORE}"
    )


@pytest.mark.parametrize(
    ("desc", "place"),
    [
        ("Parameter 'mesage' is unexpected", True),
        ("Parameter 'message' is missing", True),
        ("Invalid parameter type for 'message', expected: string", True),
        ("Device 'x' not found", False),
    ],
)
def test_wrong_arguments_of_a_qmp_command_are_the_authors(
    broken: FakeSession, tmp_path: Path, desc: str, place: bool
) -> None:
    """QEMU's error names no line; other errors are the machine's own."""
    broken.machine.answers["query-status"] = QMPError(desc)

    sent = f" (sent at {tmp_path}/x.py:16)" if place else ""
    assert broken.prints("mine") == f"Error: {desc}{sent}\n"


def test_our_own_commands_print_what_qemu_does() -> None:
    """Their scripts compare."""
    error = QMPError("Parameter 'x' is unexpected")

    assert FakeSession({"query-status": error}).prints("info status") == (
        "Error: Parameter 'x' is unexpected\n"
    )


def test_a_handler_that_forgets_to_await_is_told_so(
    broken: FakeSession, tmp_path: Path
) -> None:
    """It succeeded without showing anything."""
    assert broken.prints("early") == (
        "Error: bug in command 'early': TypeError: the handler returned a coroutine; write"
        f" 'await' before it at {tmp_path}/x.py:50{SHOWS_MORE}"
    )


def test_a_value_that_is_not_json_is_a_bug(broken: FakeSession, tmp_path: Path) -> None:
    """Also as text, of which the command prints none; it succeeded there."""
    assert broken.prints("odd") == (
        "Error: bug in command 'odd': TypeError: Object of type set is not JSON"
        f" serializable at {tmp_path}/x.py:55{SHOWS_MORE}"
    )


@pytest.mark.parametrize("status", [{}, [], None, {"running": True, "status": 7}])
def test_a_bad_reply_blames_the_machine(broken: FakeSession, status: object) -> None:
    """For commands of a user's own, too."""
    broken.machine.answers["query-status"] = status
    broken.machine.fills = False

    for line in ("broken", "mine"):
        text = broken.prints(line)
        assert text.startswith(
            "Error: the machine's reply to 'query-status' does not match its"
        )
        assert text.count("\n") == 1


def test_the_debug_variable_shows_the_traceback_of_either(
    broken: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the error itself."""
    monkeypatch.setenv("HMP_DEBUG", "1")

    text = broken.prints("broken")
    assert text.startswith("Traceback (most recent call last):\n")
    assert "in deeper\n" in text
    assert text.splitlines()[-1].startswith("Error: bug in command 'broken': ")

    broken.machine.answers["query-status"] = []
    text = broken.prints("mine")
    assert "hmp.qmp.errors.BadReplyError: " in text
    assert text.splitlines()[-1].startswith("Error: the machine's reply to 'query-status' ")


def test_a_handler_that_waits_for_a_loop_is_told_where(
    broken: FakeSession, tmp_path: Path
) -> None:
    """A script has no event loop."""
    assert broken.prints("slow") == (
        "Error: bug in command 'slow': RuntimeError: needs an event loop, and a"
        f" script has none at {tmp_path}/x.py:27{SHOWS_MORE}"
    )
