"""A guest's keyboard: how keys reach it, and how to know that the guest has read them.

A keyboard holds some 16 events that the guest has not read, and QEMU drops those beyond.
Of a PS/2 keyboard, which most PCs have, the controller's status says whether anything is
unread. A USB keyboard does not show this, but hosts poll it for one event at a time.
"""

import re
from time import monotonic

from hmp.authoring import Monitor, QMPError, run_line, sleep

_STATUS = "i /xb 0x64"
"""Reads the status port of a PC's keyboard controller, which has no side effects."""
_SHOWN = re.compile(r"portb\[0x0064\] = 0x([0-9a-f]+)\n")
# the bit that says that the guest has not read the last byte
_UNREAD = 1
# what a port without a device reads as
_ABSENT = 0xFF
# seconds between two looks at the port
_POLL = 0.001
_STALE = 1.0
"""Seconds after which something unread was not meant for a guest that reads keys."""
_DEAF = 10.0
"""Seconds after which a guest that read keys before is taken not to read any more."""
_USB_EVENT = 0.012
"""Seconds for one event of a USB keyboard: hosts poll it every 8 or 10 ms."""


class Keyboard:
    """The keyboard of a guest. Its methods raise MachineGoneError."""

    def __init__(self, mon: Monitor) -> None:
        self.mon = mon
        self._event_time = 0.0
        self._shows = False
        """Whether the machine shows what the guest has not read."""

    async def open(self) -> None:
        """Find out which keyboard the machine has."""
        if not self.mon.qmp.has_hmp:
            return
        try:
            usb = await run_line(self.mon, "info usb")
            self._event_time = _USB_EVENT if "QEMU USB Keyboard" in usb else 0.0
            self._shows = await self._has_read(_STALE)
        except QMPError:
            pass  # nothing can be known of it

    async def press(self, keys: list[str], pause: float) -> None:
        """Press keys together, release them, and wait until the guest has read that.

        All in one command, so that no key stays down whatever happens in between.
        pause: seconds to wait then. Raises QMPError, also if the guest reads nothing.
        """
        # modifiers are pressed first and released last
        strokes = [(key, True) for key in keys] + [(key, False) for key in reversed(keys)]
        begun = monotonic()
        await self.mon.qmp.execute(
            "input-send-event",
            events=[
                {"type": "key", "data": {"down": down, "key": _code(key)}}
                for key, down in strokes
            ],
        )
        if self._shows and not await self._has_read(_DEAF):
            raise QMPError("the guest does not read its keyboard")
        # the time that the machine has had already counts
        least = self._event_time * len(strokes) - (monotonic() - begun)
        await sleep(self.mon, max(pause, least))

    async def _has_read(self, limit: float) -> bool:
        """Wait until the guest has read everything; False if it does not, or unknown."""
        end = monotonic() + limit
        while True:
            shown = _SHOWN.fullmatch(await run_line(self.mon, _STATUS))
            status = int(shown[1], 16) if shown else _ABSENT
            # a port without a device reads as all ones
            if status == _ABSENT or not status & _UNREAD:
                return status != _ABSENT
            if monotonic() > end:
                return False
            await sleep(self.mon, _POLL)


def _code(key: str) -> dict[str, str]:
    return {"type": "qcode", "data": key}
