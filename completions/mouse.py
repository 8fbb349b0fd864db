"""The mice of the guest, and how they move."""

from hmp.authoring import Connection, Kind, Word

MOUSE = Kind("index of a mouse")
MOVE = Kind("steps to move, or the place for a tablet")
WHEEL = Kind("steps of the wheel")
BUTTONS = Kind("buttons that are held: 1 left, 2 middle, 4 right, added up")


@MOUSE.fetcher
async def mice(qmp: Connection, context: str) -> list[Word]:
    """Return the mice that there are."""
    found = await qmp.execute("query-mice")
    return [(str(mouse["index"]), mouse["name"]) for mouse in found]
