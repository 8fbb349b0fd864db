"""Lines at a door that carries no QMP commands, and what a script's front end lacks."""

from __future__ import annotations

import pytest

from hmp.frontends.script import drive
from hmp.monitor.errors import CommandFailedError
from hmp.monitor.frontend import FrontEnd
from hmp.qmp.errors import MachineGoneError, QMPError
from tests.fakes import FakeSession, Message


def door(
    lines: dict[str, str] | None = None, answers: Message | None = None
) -> FakeSession:
    """Return a session whose door takes no QMP commands."""
    session = FakeSession(answers, {"": "", **(lines or {})})
    session.machine.takes_qmp = False
    return session


class User(FrontEnd):
    """A user who answers a question, and knows a password."""

    interactive = True

    def __init__(self, answer: bool, password: str = "") -> None:
        super().__init__()
        self.answer = answer
        self.password = password
        self.questions: list[str] = []

    async def confirm(self, question: str) -> bool:
        """Keep the question, and answer it."""
        self.questions.append(question)
        return self.answer

    async def ask_secret(self, prompt: str) -> str:
        """Keep the question, and answer it."""
        self.questions.append(prompt)
        return self.password


def test_a_line_is_run_as_it_is() -> None:
    """QEMU's text is the result."""
    session = door({"info name": "vm\n"})

    assert session.prints("info name") == "vm\n"
    assert session.machine.typed == ["info name"]


def test_an_option_of_ours_is_refused() -> None:
    """QEMU would write the guest's screen to a file of that name."""
    session = door({"screendump /f": ""})
    session.prints("screendump /f")
    error = session.prints("screendump --show")

    assert error.startswith("Error: 'screendump --show' needs QMP commands, which ")
    assert session.machine.typed == ["screendump /f"]


def test_a_destructive_line_with_a_mistake_is_refused_at_once() -> None:
    """Neither is the user asked, nor does QEMU get it."""
    session = door({"eject cd0 now": ""})
    session.monitor.front = front = User(True)

    assert session.prints("eject cd0 now").startswith(
        "eject: extraneous characters at the end of line\n"
    )
    assert front.questions == []
    assert session.machine.typed == []


@pytest.mark.parametrize(("answer", "printed"), [(True, ""), (False, "cancelled\n")])
def test_a_destructive_line_is_asked_for(answer: bool, printed: str) -> None:
    """As at other doors."""
    session = door({"system_reset": ""})
    session.monitor.front = front = User(answer)

    assert session.prints("system_reset") == printed
    assert ("system_reset" in session.machine.typed) is answer
    (question,) = front.questions
    assert question.startswith("system_reset: ")
    assert question.endswith(". Continue?")


def gone(arguments: Message) -> MachineGoneError:
    """Exit before an answer."""
    return MachineGoneError("it has gone")


def test_a_read_only_session_is_not_asked_about_what_it_refuses() -> None:
    """The refusal comes at once."""
    session = door()
    session.monitor.read_only = True
    session.monitor.attach(session.machine)
    session.monitor.front = front = User(True)

    assert session.prints("system_reset") == (
        "Error: 'system_reset' is refused: this session is read-only\n"
    )
    assert front.questions == []


def test_quit_ends_the_machine_whether_it_answers_or_not() -> None:
    """No other line may end it."""
    session = door({"quit": ""})
    assert session.prints("quit") == ""
    assert session.monitor.ended
    session = door(answers={"human-monitor-command": gone})
    assert session.prints("quit") == ""
    assert session.monitor.ended
    session = door(answers={"human-monitor-command": gone})
    with pytest.raises(MachineGoneError):
        session.prints("info name")
    assert not session.monitor.ended
    session = door({"info name": ""})
    session.prints("info name")
    assert not session.monitor.ended


@pytest.mark.parametrize(
    ("password", "sent"),
    [("secret", "change vnc password secret"), ("a b", 'change vnc password "a b"')],
)
def test_a_password_is_asked_for_here(password: str, sent: str) -> None:
    """QEMU would wait for it for ever; it is hidden from traces."""
    session = door({sent: ""})
    session.machine.hidden = ("before",)
    session.monitor.front = front = User(True, password)

    assert session.prints("change vnc password ") == ""
    assert front.questions[-1] == "Password: "
    assert session.machine.typed == [sent]


def test_a_password_that_no_line_can_hold() -> None:
    """Nothing is sent."""
    session = door()
    session.monitor.front = User(True, "a\0b")

    assert session.prints("change vnc password") == (
        "Error: no line can contain this password\n"
    )
    assert session.machine.typed == []


@pytest.mark.parametrize("line", ["change vnc password x", "change d0 /f raw"])
def test_a_line_with_all_that_it_needs_is_not_asked_about(line: str) -> None:
    """It goes as it is."""
    session = door({line: ""})
    session.monitor.front = front = User(True)

    session.prints(line)
    assert session.machine.typed == [line]
    assert "Password: " not in front.questions


def test_a_handler_looks_at_a_line_first() -> None:
    """QEMU may crash of what it refuses; what it would send goes there as a line."""
    session = door({"migrate -d tcp:h:1": ""})
    kept = session.monitor.qmp, session.monitor.raw

    assert session.prints("migrate -b tcp:h:1").startswith("migrate: unsupported option -b")
    assert session.machine.typed == []
    assert session.prints("migrate -d tcp:h:1") == ""
    assert session.machine.typed == ["migrate -d tcp:h:1"]
    assert (session.monitor.qmp, session.monitor.raw) == kept


def test_a_machine_that_prints_nothing_where_text_was_needed() -> None:
    """A known command that this QEMU lacks has a hint."""
    session = door({"info tpm": "unknown command: 'info tpm'\n"})
    call = session.call("info tpm")

    assert isinstance(call.error, CommandFailedError)
    assert call.error_text().startswith("unknown command: 'info tpm'\n")
    assert (
        call.error.hint == "QEMU 10.2.2 does not have this command here; other builds do."
    )


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("watch info name", "Error: watch needs a terminal\n"),
        (
            "top",
            "Error: top needs a terminal that can draw; 'hmp --top' also writes text\n",
        ),
        ("help -i", "Error: browsing needs a terminal that can draw\n"),
        ("source f", "Error: lines of files cannot be run from here\n"),
        ("events -f", "Error: events cannot be followed from here\n"),
        (
            "migrate-to b",
            "Error: other machines cannot be reached from here\n",
        ),
    ],
)
def test_what_needs_more_than_a_script_has(line: str, error: str) -> None:
    """The error says what is missing."""
    assert FakeSession().prints(line) == error


def test_what_a_script_answers() -> None:
    """It agrees to everything, shows no pictures, and knows no password."""
    front = FrontEnd()

    assert drive(front.confirm("Continue?"))
    assert drive(front.confirm_typed("Continue?", "yes"))
    assert not front.warn("careful")
    flags = {name for name, value in vars(FrontEnd).items() if isinstance(value, bool)}
    assert len(flags) == 9
    assert not any(getattr(front, name) for name in flags)
    session = FakeSession({"query-block": [], "change-vnc-password": QMPError("no")})
    assert session.prints("change vnc password") == (
        "terminal does not support password prompting\n"
    )
