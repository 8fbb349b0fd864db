from __future__ import annotations

import pytest

from tests.fakes import FakeSession


@pytest.mark.parametrize(
    ("present", "enabled", "word"),
    [
        (True, True, "enabled"),
        (True, False, "disabled"),
        (False, False, "not compiled"),
    ],
)
def test_kvm(present: bool, enabled: bool, word: str) -> None:
    """The line says whether KVM is compiled in and in use."""
    session = FakeSession({"query-kvm": {"present": present, "enabled": enabled}})

    assert session.prints("info kvm") == f"kvm support: {word}\n"
    assert session.looks("info kvm").endswith(f" {word}\n")


def test_accelerators() -> None:
    """The one in use is in brackets."""
    value = {"present": ["kvm", "tcg", "xen"], "enabled": "tcg"}
    session = FakeSession({"query-accelerators": value})

    assert session.prints("info accelerators") == "kvm [tcg] xen\n"
    assert "tcg  ● in use\n" in session.looks("info accelerators")


def test_accel() -> None:
    """The text is shown with its headings set off."""
    text = "Accelerator settings:\none-insn-per-tb: off\n\nTranslation buffer state:\n"
    session = FakeSession({"x-accel-stats": {"human-readable-text": text}})

    assert session.prints("info accel") == text
    assert session.looks("info accel") == text
