from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, joined

SEV = {
    "enabled": True,
    "api-major": 1,
    "api-minor": 55,
    "build-id": 21,
    "state": "running",
    "sev-type": "sev",
    "handle": 3,
    "policy": 1,
}
FACTS = ["state: running", "build: 21", "api version: 1.55"]


@pytest.mark.parametrize(
    ("members", "lines"),
    [
        (
            {},
            [
                "SEV type: sev",
                *FACTS,
                "handle: 3",
                "debug: off",
                "key-sharing: on",
            ],
        ),
        (
            {"policy": 2},
            [
                "SEV type: sev",
                *FACTS,
                "handle: 3",
                "debug: on",
                "key-sharing: off",
            ],
        ),
        (
            {"sev-type": "sev-snp", "snp-policy": 0x80000, "handle": None},
            ["SEV type: sev-snp", *FACTS, "debug: on", "SMT allowed: off"],
        ),
        (
            {"sev-type": "sev-snp", "snp-policy": 0x10000, "handle": None},
            ["SEV type: sev-snp", *FACTS, "debug: off", "SMT allowed: on"],
        ),
        (
            {"sev-type": None},
            ["handle: 3", *FACTS, "debug: off", "key-sharing: on"],
        ),
        ({"enabled": False}, ["SEV is not enabled"]),
    ],
)
def test_sev(members: dict[str, Any], lines: list[str]) -> None:
    """Older machines do not send a type; forbidden features are off."""
    value = {key: found for key, found in {**SEV, **members}.items() if found is not None}
    session = FakeSession({"query-sev": value})

    assert session.prints("info sev") == joined(lines)
    looks = session.looks("info sev")
    assert ("● running" if value["enabled"] else "○ not enabled") in looks


def test_a_machine_without_sev() -> None:
    """QEMU's monitor prints a fixed text in place of the error."""
    session = FakeSession({"query-sev": QMPError("SEV is not available")})

    assert session.prints("info sev") == "SEV is not enabled\n"


SGX = {
    "sgx": True,
    "sgx1": True,
    "sgx2": False,
    "flc": True,
    "sections": [{"node": 0, "size": 67108864}, {"node": 1, "size": 29360128}],
}
FEATURES = [
    "SGX support: enabled",
    "SGX1 support: enabled",
    "SGX2 support: disabled",
    "FLC support: enabled",
]
NODES = ["NUMA node #0: size=67108864", "NUMA node #1: size=29360128"]


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ({}, [*FEATURES, *NODES, "total size=96468992"]),
        ({"section-size": 96468992}, [*FEATURES, "size: 96468992", *NODES]),
    ],
)
def test_sgx(more: dict[str, int], lines: list[str]) -> None:
    """Older machines send the total size, which comes first."""
    session = FakeSession({"query-sgx": {**SGX, **more}})

    assert session.prints("info sgx") == joined(lines)
    assert session.looks("info sgx").startswith("enclave memory  92 MiB\n")


def test_a_machine_without_sgx() -> None:
    """The error is printed without a prefix."""
    session = FakeSession({"query-sgx": QMPError("SGX is not available")})

    assert session.prints("info sgx") == "SGX is not available\n"
