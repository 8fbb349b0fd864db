from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession


@pytest.mark.parametrize(
    ("options", "behind"),
    [
        ({"type": "emulator", "data": {"chardev": "c0"}}, "emulator,chardev=c0"),
        (
            {"type": "passthrough", "data": {"path": "/dev/tpm0", "cancel-path": "/c"}},
            "passthrough,path=/dev/tpm0,cancel-path=/c",
        ),
        ({"type": "passthrough", "data": {}}, "passthrough"),
    ],
)
def test_tpm(options: dict[str, Any], behind: str) -> None:
    """The model that the guest sees comes first, then the backend."""
    value = [{"id": "tpm0", "model": "tpm-tis", "options": options}]
    session = FakeSession({"query-tpm": value})

    assert session.prints("info tpm") == (
        f"TPM device:\n tpm0: model=tpm-tis\n  \\ tpm0: type={behind}\n"
    )
    assert "tpm0   tpm-tis" in session.looks("info tpm")


def test_no_tpm() -> None:
    """Nothing is printed without a device; an error if the machine cannot have one."""
    assert FakeSession({"query-tpm": []}).prints("info tpm") == ""
    assert FakeSession({"query-tpm": []}).looks("info tpm") == "no TPM device\n"
    none = FakeSession({"query-tpm": QMPError("no")})
    assert none.prints("info tpm") == "TPM device not supported\n"


def test_cryptodev() -> None:
    """The services of a device are followed by its queues."""
    device = {
        "id": "cry0",
        "service": ["cipher", "akcipher"],
        "client": [{"queue": 0, "type": "builtin"}, {"queue": 1, "type": "builtin"}],
    }
    session = FakeSession({"query-cryptodev": [device]})

    assert session.prints("info cryptodev") == (
        "cry0: service=[cipher|akcipher]\n"
        "    queue 0: type=builtin\n"
        "    queue 1: type=builtin\n"
    )
    assert session.looks("info cryptodev").splitlines()[2] == (
        "cry0     cipher, akcipher        2   builtin"
    )
    assert FakeSession({"query-cryptodev": []}).prints("info cryptodev") == ""
