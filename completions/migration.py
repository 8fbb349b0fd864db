"""Where migrations go, their states, capabilities and parameters."""

from hmp.authoring import Connection, Kind, QDict, Word

MIGRATION_URI = Kind(
    "migration URI",
    [
        ("tcp:", "HOST:PORT of another QEMU"),
        ("unix:", "path of a socket"),
        ("file:", "path of a file"),
        ("exec:", "shell command that takes or gives the stream"),
        ("fd:", "name of a descriptor given by getfd"),
        ("vsock:", "CID:PORT"),
        ("rdma:", "HOST:PORT, over RDMA"),
    ],
)
MIGRATION_STATE = Kind(
    "state that a migration waits in",
    [("pre-switchover", "all is ready to leave this host")],
)
MIGRATION_CAPABILITY = Kind("migration capability")
MIGRATION_PARAMETER = Kind("migration parameter")


def _parameter(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a value of the parameter that the argument before it names."""
    return 0, str(args.get("parameter", ""))


MIGRATION_VALUE = Kind("value of the parameter", place=_parameter)


@MIGRATION_CAPABILITY.fetcher
async def capabilities(qmp: Connection, context: str) -> list[Word]:
    """Return the capabilities, and whether each is on."""
    found = await qmp.execute("query-migrate-capabilities")
    return [(c["capability"], "on" if c["state"] else "off") for c in found]


@MIGRATION_PARAMETER.fetcher
async def parameters(qmp: Connection, context: str) -> list[Word]:
    """Return what can be set, and what it is now."""
    now = await qmp.execute("query-migrate-parameters")
    members = (await qmp.schema()).members("migrate-set-parameters")
    return [(m["name"], str(now.get(m["name"], ""))) for m in members]


@MIGRATION_VALUE.fetcher
async def values(qmp: Connection, context: str) -> list[Word]:
    """Return the words that a parameter can be set to, where they are few."""
    schema = await qmp.schema()
    for member in schema.members("migrate-set-parameters"):
        if member["name"] == context:
            return schema.value_words(member["type"])
    return []
