"""The monitor's own commands, lines and aliases."""

from completions.sentences import MEMBERS
from hmp.authoring import Connection, Kind, Word

COMMAND = Kind("command, or info and a subcommand")
FIELD = Kind("number to plot", MEMBERS.items(), seen=True)
WATCHED = Kind(
    "command with its arguments",
    line=True,
    piped=True,
    options={"-n": Kind("seconds between two looks"), "--plot": FIELD},
)
LINE = Kind("command with its arguments", line=True, piped=True)
EXPLAINED = Kind("command with its arguments", line=True)
ALIAS = Kind("name of an alias")

PLOTTED = {
    "info blockstats": "query-blockstats",
    "info balloon": "query-balloon",
    "info migrate": "query-migrate",
    "info block-jobs": "query-block-jobs",
    "info memory_size_summary": "query-memory-size-summary",
}
"""Lines that are worth a plot, and the QMP commands whose replies they return."""


@FIELD.fetcher
async def fields(qmp: Connection, context: str) -> list[Word]:
    """Return the numbers that plotted lines have, for a session that has seen none yet."""
    schema = await qmp.schema()
    return [
        (path, f"{MEMBERS.get(path.rpartition('.')[2], 'a number')}, in '{line}'")
        for line, command in PLOTTED.items()
        for path in schema.numbers(command)
    ]
