from __future__ import annotations

from completions.stats import STAT_NAMES
from tests.completions.helpers import lines, names, placed

SCHEMAS = [
    {
        "provider": "kvm",
        "target": "vcpu",
        "stats": [
            {"name": "halt_exits", "type": "cumulative"},
            {"name": "exits", "type": "cumulative"},
        ],
    },
    {
        "provider": "kvm",
        "target": "vm",
        "stats": [{"name": "pages_4k", "type": "instant"}],
    },
]
ANSWERS = {"query-stats-schemas": SCHEMAS}


def test_statistics_are_those_of_the_target() -> None:
    """In order of their names."""
    assert names(STAT_NAMES, ANSWERS, "vcpu") == ["exits", "halt_exits"]
    assert names(STAT_NAMES, ANSWERS, "vm") == ["pages_4k"]
    assert names(STAT_NAMES, ANSWERS, "cryptodev") == []


def test_the_last_of_a_list_is_completed() -> None:
    """The names before it stay."""
    assert placed(STAT_NAMES, "exits,ha", target="vcpu") == ("ha", "vcpu")
    assert lines("info stats vcpu exits,ha", ANSWERS) == [
        "info stats vcpu exits,halt_exits"
    ]


def test_targets_and_providers() -> None:
    """They are few, and known."""
    assert lines("info stats vc", {}) == ["info stats vcpu"]
    assert lines("info stats vm * k", ANSWERS) == ["info stats vm * kvm"]
