"""The guest's mice and their movements."""

from hmp.authoring import Connection, Kind, Word

MOUSE = Kind("index of a mouse")
MOVE = Kind("steps to move, or the position for a tablet")
WHEEL = Kind("steps of the wheel")
BUTTONS = Kind("sum of the held buttons: 1 left, 2 right, 4 middle")


@MOUSE.fetcher
async def mice(qmp: Connection, context: str) -> list[Word]:
    """Return the mice, by index."""
    found = await qmp.execute("query-mice")
    return [(str(mouse["index"]), mouse["name"]) for mouse in found]
