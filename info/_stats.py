"""Statistics of ``query-stats``, each with the unit and kind from its schema."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from hmp.authoring import CommandFailedError, QMPError, bare_errors, views

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from typing import TypedDict

    from rich.console import RenderableType

    from hmp.authoring import Call, Monitor, QDict
    from hmp.display.views import Cell
    from hmp.qmp.reply_types import (
        CpuInfoFast,
        Stats,
        StatsResult,
        StatsSchema,
        StatsSchemaValue,
        StatsValue,
    )

    class Statistics(TypedDict):
        """The statistics that were asked for, and the schemas of their providers."""

        schemas: list[StatsSchema]
        stats: list[StatsResult]


_UNITS = {"seconds": "s", "bytes": "B"}
# the prefixes by their powers of ten, and by their powers of two
_DECIMAL = dict(zip(range(-18, 19, 3), ("a", *"fpnum", "", *"KMGTPE"), strict=True))
_BINARY = dict(zip(range(0, 61, 10), ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), strict=True))


async def statistics(mon: Monitor, args: QDict) -> Statistics:
    """Return the statistics that the arguments ask for, with all schemas.

    Raises CommandFailedError for a target or a provider that the machine does not know.
    """
    target, provider = args["target"], args.get("provider")
    first = mon.qmp.together()
    checked = first.execute("query-stats", target=target, providers=[])
    asked = first.execute("query-stats-schemas", provider=provider)
    cpus = first.execute("query-cpus-fast") if target == "vcpu" else None
    # QEMU's monitor checks the target before the provider; asked without providers,
    # query-stats checks only that
    with bare_errors(), _known("target", target):
        await checked
    with bare_errors(), _known("provider", provider):
        schemas = await asked
    members: dict[str, object] = {"target": target, "providers": None}
    if cpus is not None:
        members["vcpus"] = [_current_cpu(mon, await cpus)]
    # without either, QEMU asks all providers by itself
    if provider or "names" in args:
        # QEMU asks its providers in the reverse of this order
        known = [provider] if provider else sorted({s["provider"] for s in schemas})
        members["providers"] = [_request(name, args.get("names", "*")) for name in known]
    with bare_errors():
        return {"schemas": schemas, "stats": await mon.qmp.execute("query-stats", members)}


@contextmanager
def _known(what: str, word: str | None) -> Generator[None]:
    """Turn the machine's refusal of a word into the error that QEMU's monitor prints.

    what: names the argument. Raises CommandFailedError.
    """
    try:
        yield
    except QMPError as error:
        if not error.desc.endswith(f" does not accept value '{word}'"):
            raise
        raise CommandFailedError(f"invalid stats {what} {word}\n") from error


def _request(provider: str, names: str) -> dict[str, object]:
    chosen = {} if names == "*" else {"names": names.split(",")}
    return {"provider": provider, **chosen}


def _current_cpu(mon: Monitor, cpus: list[CpuInfoFast]) -> str:
    """Return the path of the current CPU.

    Raises CommandFailedError without one: QEMU would crash if it were asked.
    """
    for cpu in cpus:
        if mon.cpu is None or cpu["cpu-index"] == mon.cpu:
            return str(cpu["qom-path"])
    raise CommandFailedError("Error: the machine does not have this CPU\n")


def provider_lines(value: Statistics, args: QDict) -> Iterator[str]:
    """Yield the statistics of each provider, below its name unless it was asked for."""
    for result in value["stats"]:
        provider = result["provider"]
        if "provider" not in args:
            yield f"provider: {provider}"
        known = _schema(value, provider, args["target"])
        if known is None:
            yield f"failed to find schema list for {provider}"
            continue
        for stat in result["stats"]:
            # QEMU's monitor stops here, too
            if stat["name"] not in known:
                yield f"failed to find schema entry for {stat['name']}"
                break
            about = known[stat["name"]]
            bucket = about.get("bucket-size") if about["type"] == _LINEAR else None
            size = f", bucket size={bucket}" if bucket is not None else ""
            what = ", ".join(filter(None, (about["type"], _unit(about)))) + size
            yield f"    {stat['name']} ({what}): {_value_text(stat['value'])}"


_LINEAR = "linear-histogram"


def _schema(
    value: Statistics, provider: str, target: str
) -> dict[str, StatsSchemaValue] | None:
    """Return the schemas of a provider's statistics by their names."""
    for schema in value["schemas"]:
        if (schema["provider"], schema["target"]) == (provider, target):
            return {stat["name"]: stat for stat in schema["stats"]}
    return None


def _unit(about: StatsSchemaValue) -> str:
    """Write the unit with its prefix, or with a power if no prefix means that."""
    word, base, exponent = about.get("unit"), about.get("base", 0), about["exponent"]
    unit = _UNITS.get(word or "")
    prefixes = _DECIMAL if base == 10 else _BINARY if base == 2 else {}
    if unit is not None and exponent in prefixes:
        return prefixes[exponent] + unit
    if exponent:
        return " ".join(filter(None, (f"* {base}^{exponent}", word)))
    return unit or word or ""


def _value_text(value: StatsValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    # QEMU numbers the buckets from 1
    if isinstance(value, list):
        return "".join(f"[{place}]={count} " for place, count in enumerate(value, 1))
    return str(value)


def provider_views(value: Statistics, call: Call) -> RenderableType | None:
    """Return a table per provider and object, with the increase since the last look."""
    from rich.console import Group

    before: list[StatsResult] = call.before.value["stats"] if call.before else []
    old = {_place(r): {s["name"]: s["value"] for s in r["stats"]} for r in before}
    tables = [
        views.table(
            "statistic",
            ">value",
            "unit",
            ">new",
            "kind",
            rows=_rows(
                result["stats"],
                _schema(value, result["provider"], call.args["target"]) or {},
                old.get(_place(result), {}),
            ),
            title=" of ".join(filter(None, _place(result))),
        )
        for result in value["stats"]
    ]
    return Group(*tables) if tables else views.text("no provider has statistics")


def _place(result: StatsResult) -> tuple[str, str]:
    return result["provider"], result.get("qom-path", "")


def _rows(
    stats: list[Stats],
    known: Mapping[str, StatsSchemaValue],
    old: Mapping[str, StatsValue],
) -> Iterator[tuple[Cell, ...]]:
    for stat in stats:
        name, value = stat["name"], stat["value"]
        about = known.get(name, {"name": name, "type": "", "exponent": 0})
        new = _increase(value, old.get(name))
        yield name, _shown(value), _unit(about), new, about["type"]


def _increase(value: StatsValue, old: StatsValue | None) -> str | None:
    """Return by how much a number has changed; None for other values and for no change."""
    if isinstance(value, bool) or not isinstance(value, int) or not isinstance(old, int):
        return None
    return f"{value - old:+}" if value != old else None


def _shown(value: StatsValue) -> str:
    """Write a value; only the buckets of a histogram that are not empty."""
    if isinstance(value, list):
        return " ".join(f"{place}:{n}" for place, n in enumerate(value, 1) if n)
    return f"{value:,}" if type(value) is int else _value_text(value)
