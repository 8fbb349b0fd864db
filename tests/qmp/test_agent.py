"""What hmp knows of the guest agent's commands."""

from __future__ import annotations

from hmp.qapi import load_schema
from hmp.qmp import agent


def test_the_commands_that_do_not_answer() -> None:
    """As the agent's schema says."""
    commands = load_schema(agent._SCHEMA).commands.values()

    assert {each.name for each in commands if not each.success_response} == agent.SILENT
