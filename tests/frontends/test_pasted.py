from __future__ import annotations

import pytest

from hmp.frontends.pasted import without_prompt, without_prompts


@pytest.mark.parametrize(
    ("pasted", "lines"),
    [
        ("info status", "info status"),
        ("(qemu) info status", "info status"),
        ("(qemu vm ● running) stop\n", "stop"),
        ("(hmp) info status\nVM status: running\n(hmp) stop", "info status\nstop"),
        ("info name\n(qemu) stop", "info name\nstop"),
        ("$ hmp -c 'info status' vm", "info status"),
        ("$ hmp vm -c stop -c cont", "stop\ncont"),
        ("$ hmp vm info status", "info status"),
        ("$ hmp vm", ""),
        ("$ hmp -c 'info", ""),
        ('-> {"execute": "stop"}\n<- {"return": {}}\n', '{"execute": "stop"}'),
        (
            '-> { "execute": "eject",\n     "arguments": {} }\n<- {\n  "return": {} }\n'
            '-> { "execute": "cont" }',
            '{ "execute": "eject",\n     "arguments": {} }\n{ "execute": "cont" }',
        ),
        ('info name\n-> {"execute": "stop"}', 'info name\n{"execute": "stop"}'),
        ("print (1 + 2) * 3", "print (1 + 2) * 3"),
        ('{\n"execute": "stop"\n}', '{\n"execute": "stop"\n}'),
    ],
)
def test_pasted_documentation_loses_its_prompts(pasted: str, lines: str) -> None:
    """The rest is output then."""
    assert without_prompts(pasted) == lines


def test_a_line_alone_is_never_left_out() -> None:
    """Where lines come one by one."""
    assert without_prompt("(qemu) stop") == "stop"
    assert without_prompt("stop") == "stop"
