"""The machine's statistics, by name."""

from hmp.authoring import Connection, Kind, QDict, Word, natural

STAT_TARGET = Kind(
    "target",
    [
        ("vm", "the machine as a whole"),
        ("vcpu", "the current CPU"),
        ("cryptodev", "the crypto devices"),
    ],
    closed=True,
)


def _last_name(typed: str, args: QDict) -> tuple[int, str]:
    """Complete the last name of a list; the context is the target before it."""
    return typed.rfind(",") + 1, args.get("target", "")


STAT_NAMES = Kind("statistics, separated by commas (*: all)", place=_last_name)
STAT_PROVIDER = Kind(
    "provider", [("kvm", "the host's kernel"), ("cryptodev", "the crypto devices")]
)


@STAT_NAMES.fetcher
async def stat_names(qmp: Connection, context: str) -> list[Word]:
    """Return the statistics of a target."""
    schemas = await qmp.execute("query-stats-schemas")
    found = [schema for schema in schemas if schema["target"] == context]
    return natural((s["name"], s["type"]) for schema in found for s in schema["stats"])
