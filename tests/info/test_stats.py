from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message, joined

CPUS = [
    {"cpu-index": 0, "qom-path": "/machine/unattached/device[0]"},
    {"cpu-index": 1, "qom-path": "/machine/unattached/device[2]"},
]


def schema(*stats: dict[str, Any], target: str = "vm", provider: str = "kvm") -> Any:
    """Return the schema of a provider."""
    return {"provider": provider, "target": target, "stats": list(stats)}


def stat(name: str, kind: str = "cumulative", exponent: int = 0, **more: Any) -> Any:
    """Return the schema of a statistic."""
    return {"name": name, "type": kind, "exponent": exponent, **more}


def session(schemas: Any, results: Any) -> FakeSession:
    """Return a machine with statistics."""
    return FakeSession(
        {
            "query-stats-schemas": schemas,
            "query-stats": results,
            "query-cpus-fast": CPUS,
        }
    )


def result(provider: str = "kvm", **values: Any) -> Any:
    """Return the statistics of a provider."""
    stats = [{"name": name, "value": value} for name, value in values.items()]
    return {"provider": provider, "stats": stats}


@pytest.mark.parametrize(
    ("about", "value", "line"),
    [
        (stat("a"), 7, "    a (cumulative): 7"),
        (stat("a", "peak", unit="bytes"), 7, "    a (peak, B): 7"),
        (stat("a", "instant", unit="boolean"), True, "    a (instant, boolean): yes"),
        (stat("a", "instant", unit="boolean"), False, "    a (instant, boolean): no"),
        *(
            (
                stat("a", unit="bytes", base=2, exponent=10 * power),
                5,
                f"    a (cumulative, {prefix}B): 5",
            )
            for power, prefix in enumerate(("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))
        ),
        *(
            (
                stat("a", unit="seconds", base=10, exponent=3 * power),
                5,
                f"    a (cumulative, {prefix}s): 5",
            )
            for power, prefix in enumerate("afpnum", -6)
        ),
        *(
            (
                stat("a", unit="seconds", base=10, exponent=3 * power),
                5,
                f"    a (cumulative, {prefix}s): 5",
            )
            for power, prefix in enumerate("KMGTPE", 1)
        ),
        (
            stat("a", unit="seconds", base=10, exponent=-4),
            5,
            "    a (cumulative, * 10^-4 seconds): 5",
        ),
        (stat("a", base=2, exponent=3), 5, "    a (cumulative, * 2^3): 5"),
        (stat("a", unit="cycles"), 5, "    a (cumulative, cycles): 5"),
        (
            stat("a", unit="cycles", base=10, exponent=3),
            5,
            "    a (cumulative, * 10^3 cycles): 5",
        ),
        (
            stat("a", "linear-histogram", **{"bucket-size": 10}),
            [0, 3],
            "    a (linear-histogram, bucket size=10): [1]=0 [2]=3 ",
        ),
        (stat("a", "log2-histogram"), [1], "    a (log2-histogram): [1]=1 "),
    ],
)
def test_each_statistic_has_its_unit(about: Any, value: Any, line: str) -> None:
    """The unit has a prefix, or a power if no prefix matches."""
    found = session([schema(about)], [result(a=value)])

    assert found.prints("info stats vm") == f"provider: kvm\n{line}\n"
    assert "a" in found.looks("info stats vm")


def test_what_the_schemas_do_not_know() -> None:
    """The text has QEMU's words."""
    known = [schema(stat("a")), schema(stat("a"), target="vcpu", provider="cryptodev")]
    results = [result(a=1, b=2, c=3), result("cryptodev", a=1)]

    assert session(known, results).prints("info stats vm") == joined(
        [
            "provider: kvm",
            "    a (cumulative): 1",
            "failed to find schema entry for b",
            "provider: cryptodev",
            "failed to find schema list for cryptodev",
        ]
    )


def asked(line: str) -> Message:
    """Return the arguments of a line's last ``query-stats``."""
    known = [schema(stat("a")), schema(stat("a"), provider="cryptodev")]
    found = session(known, [])
    assert found.prints(line) == ""
    return [args for command, args in found.calls if command == "query-stats"][-1]


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("info stats vm", {"target": "vm"}),
        (
            "info stats vm a,b",
            {
                "target": "vm",
                "providers": [
                    {"provider": "cryptodev", "names": ["a", "b"]},
                    {"provider": "kvm", "names": ["a", "b"]},
                ],
            },
        ),
        (
            "info stats vm * kvm",
            {"target": "vm", "providers": [{"provider": "kvm"}]},
        ),
        (
            "info stats vm a kvm",
            {"target": "vm", "providers": [{"provider": "kvm", "names": ["a"]}]},
        ),
        ("info stats vcpu", {"target": "vcpu", "vcpus": [CPUS[0]["qom-path"]]}),
    ],
)
def test_what_is_asked(line: str, arguments: Message) -> None:
    """Names of statistics are sent to each provider, except for *."""
    assert asked(line) == arguments


def test_the_current_cpu() -> None:
    """Its statistics are shown; a machine without one is not asked."""
    found = session([], [])
    found.monitor.cpu = 1
    found.prints("info stats vcpu")

    assert found.calls[-1][1]["vcpus"] == [CPUS[1]["qom-path"]]
    found.machine.answers["query-cpus-fast"] = []
    assert found.prints("info stats vcpu") == "Error: the machine does not have this CPU\n"


def refuse(word: str, value: str) -> QMPError:
    """Return the QMP error for a word that an enum does not have."""
    return QMPError(f"Parameter '{word}' does not accept value '{value}'")


def test_targets_and_providers_that_there_are_not() -> None:
    """The error is that of QEMU's monitor, which checks the target first."""
    target = FakeSession({"query-stats": refuse("target", "x")})
    provider = FakeSession(
        {"query-stats": [], "query-stats-schemas": refuse("provider", "y")}
    )

    assert target.prints("info stats x a y") == "invalid stats target x\n"
    assert provider.prints("info stats vm a y") == "invalid stats provider y\n"


def test_what_came_since_the_last_look() -> None:
    """Numbers have their increase; histograms show their non-empty buckets."""
    found = session([schema(stat("a"), stat("h", "log2-histogram"))], [])
    found.machine.answers["query-stats"] = [result(a=1000, h=[0, 2])]
    first = found.looks("info stats vm")
    found.machine.answers["query-stats"] = [result(a=1500, h=[0, 2])]
    second = found.looks("info stats vm")

    assert "1,000" in first
    assert "+" not in first
    assert "1,500" in second
    assert "+500" in second
    assert "2:2" in second


def test_nothing_to_show() -> None:
    """The view has a sentence."""
    assert session([], []).looks("info stats vm") == "no provider has statistics\n"
