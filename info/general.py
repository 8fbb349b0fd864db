"""The machine as a whole: who it is and what state it is in."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

CATEGORY = "Machine"
