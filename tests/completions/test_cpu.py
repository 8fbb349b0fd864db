from __future__ import annotations

import pytest

from completions.cpu import CPU_INDEX, REGISTER
from tests.completions.helpers import placed, words


def test_cpus() -> None:
    """By their index, with their place in the QOM tree."""
    answers = {"query-cpus-fast": [{"cpu-index": 0, "qom-path": "/machine/cpu[0]"}]}

    assert words(CPU_INDEX, answers) == [("0", "/machine/cpu[0]")]


@pytest.mark.parametrize(
    ("arch", "version", "some", "others"),
    [
        ("x86_64", (10, 2, 0), {"$eax", "$r15", "$pc"}, {"$rax", "$x0"}),
        ("x86_64", (11, 0, 0), {"$rax", "$cr3", "$pc"}, {"$eax", "$x0"}),
        ("aarch64", (11, 0, 0), {"$x0", "$x30", "$sp"}, {"$rax", "$x31"}),
        ("aarch64", (10, 2, 0), set(), {"$x0"}),
        ("ppc64", (10, 2, 0), {"$pc", "$lr", "$r31"}, {"$rax", "$r32"}),
        ("sparc", (7, 2, 0), {"$npc", "$g7", "$f31"}, {"$g8"}),
        ("m68k", (7, 2, 0), {"$d0", "$a7", "$sr"}, {"$d8"}),
        ("riscv64", (11, 0, 0), set(), {"$x0"}),
    ],
)
def test_registers(
    arch: str, version: tuple[int, int, int], some: set[str], others: set[str]
) -> None:
    """Those that expressions may name, by target and release."""
    answers = {"query-target": {"arch": arch}}
    found = {word for word, _ in words(REGISTER, answers, "$", version=version)}

    assert some <= found
    assert not others & found
    assert words(REGISTER, {}, "") == []


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("$", ("$", "$")),
        ("$r", ("$r", "$")),
        ("0x10+$fs_b", ("$fs_b", "$")),
        ("$rip+1", ("", "")),
        ("$a+$b", ("$b", "$")),
        ("12", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_register_begins_at_its_dollar(typed: str, part: tuple[str, str]) -> None:
    """Numbers are not completed."""
    assert placed(REGISTER, typed) == part
