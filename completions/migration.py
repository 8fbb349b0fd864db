"""Migration: URIs, states, capabilities and parameters."""

from collections.abc import Mapping

from hmp.authoring import Connection, Kind, QDict, Word, after_scheme, machines, natural

MIGRATION_URI = Kind(
    "migration URI",
    [
        ("tcp:", "HOST:PORT of another QEMU"),
        ("unix:", "path of a socket"),
        ("file:", "path of a file"),
        ("exec:", "shell command that reads or writes the stream"),
        ("fd:", "name of a descriptor from getfd"),
        ("vsock:", "CID:PORT"),
        ("rdma:", "HOST:PORT, over RDMA"),
    ],
    path=after_scheme("unix:", "file:"),
)
TARGET = Kind("machine, as on hmp's command line", local=True)
MIGRATION_STATE = Kind(
    "state in which the migration waits",
    [("pre-switchover", "ready to switch to the destination")],
    closed=True,
)
_UNITS = {
    "announce-initial": "ms",
    "announce-max": "ms",
    "announce-step": "ms",
    "avail-switchover-bandwidth": "bytes per second (or with a suffix)",
    "cpu-throttle-increment": "percent",
    "cpu-throttle-initial": "percent",
    "downtime-limit": "ms",
    "max-bandwidth": "bytes per second (a bare number is MiB)",
    "max-cpu-throttle": "percent",
    "max-postcopy-bandwidth": "bytes per second (a bare number is MiB)",
    "throttle-trigger-threshold": "percent",
    "vcpu-dirty-limit": "MB per second",
    "x-checkpoint-delay": "ms",
    "x-vcpu-dirty-limit-period": "ms",
    "xbzrle-cache-size": "bytes (a bare number is MiB)",
}

MIGRATION_CAPABILITY = Kind("migration capability", closed=True)
MIGRATION_PARAMETER = Kind("migration parameter", closed=True)


def _parameter(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a value of the parameter named by the argument before it."""
    return 0, str(args.get("parameter", ""))


MIGRATION_VALUE = Kind("value of the parameter", place=_parameter)


@TARGET.fetcher
async def targets(qmp: Connection, context: str) -> list[Word]:
    """Return the user's machines on this host that can be reached, but for this one."""
    return natural(
        (machine.name or machine.targets[0], machine.targets[0])
        for machine in machines()
        if machine.targets and not machine.user and machine.pid != qmp.pid
    )


@MIGRATION_CAPABILITY.fetcher
async def capabilities(qmp: Connection, context: str) -> list[Word]:
    """Return the capabilities, and whether each is on."""
    found = await qmp.execute("query-migrate-capabilities")
    return [(c["capability"], "on" if c["state"] else "off") for c in found]


@MIGRATION_PARAMETER.fetcher
async def parameters(qmp: Connection, context: str) -> list[Word]:
    """Return the parameters, each with its current value."""
    # some parameters have no value until they are set, so the names come from the schema
    now = await qmp.execute("query-migrate-parameters")  # the schema is asked for once
    members = (await qmp.schema()).members("migrate-set-parameters")
    return [(m["name"], _shown(now.get(m["name"], ""))) for m in members]


@MIGRATION_VALUE.fetcher
async def values(qmp: Connection, context: str) -> list[Word]:
    """Return a note on a parameter, and the words of an enum or a switch."""
    schema = await qmp.schema()
    for member in schema.members("migrate-set-parameters"):
        if member["name"] == context:
            now: Mapping[str, object] = await qmp.execute("query-migrate-parameters")
            unit = _UNITS.get(context, "")
            kind = schema.type_text(member["type"]) + (f" in {unit}" if unit else "")
            note = f"{kind}, now {_shown(now[context])}" if context in now else kind
            return [("", note), *schema.value_words(member["type"])]
    return []


def _shown(value: object) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
