"""What the prompt says of a set: its machines, and how many of them are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.fleet.node_sets import fold
from hmp.frontends.config import PROMPT
from hmp.frontends.state import MachineState

if TYPE_CHECKING:
    from typing import Any

    from hmp.fleet.fleet_monitor import FleetMonitor

_PROMPT = "{program}{state}{mode}> "
"""The prompt, unless the user has configured another one."""
_WIDTH = 32
"""The most characters of the set in the prompt."""


class FleetState(MachineState):
    """The set's name in the prompt, and how many machines are there."""

    def __init__(self, fleet: FleetMonitor) -> None:
        super().__init__(fleet)
        self.fleet = fleet
        self._folded: tuple[list[str], str] = ([], "")

    @property
    def program(self) -> str:
        """The set, in place of the program."""
        # kept, since folding many names takes long, and the prompt is drawn at each key
        names = list(self.fleet.machines)
        if names != self._folded[0]:
            self._folded = names, _short(fold(names))
        return self._folded[1]

    def on_event(self, event: dict[str, Any]) -> None:
        """Do nothing: the machines know their states."""

    @property
    def shown(self) -> str:
        """How many machines are there, of how many."""
        return f"{self.fleet.present}/{len(self.fleet.machines)}"

    @property
    def may_be_old(self) -> bool:
        """Whether the last line may have changed the state without any event."""
        return False

    async def look_up(self) -> None:
        """Do nothing: the connections know it."""

    def prompt(self, template: str) -> list[tuple[str, str]]:
        """Return the prompt; see `MachineState.prompt`."""
        return super().prompt(_PROMPT if template == PROMPT else template)


def _short(text: str) -> str:
    """Shorten a text in the middle."""
    if len(text) <= _WIDTH:
        return text
    return f"{text[: _WIDTH // 2 - 1]}…{text[-_WIDTH // 2 :]}"
