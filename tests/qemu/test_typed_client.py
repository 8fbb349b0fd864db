"""The typed client of a QEMU's own schema, on that QEMU."""

from __future__ import annotations

from typing import Any

import pytest

from hmp.client import Machine, QMPError, connect
from hmp.library.typed import encode
from hmp.qapi.schema import load_schema
from hmp.qapi.typed_client import generate_client
from tests.qapi.qemu_sources import sources
from tests.qapi.test_typed_client import load
from tests.qemu.machines import RunningQemu


@pytest.fixture(scope="module")
def typed(full_qemu: RunningQemu) -> Any:
    """The client of the schema of this QEMU's sources."""
    release = "{}.{}".format(*full_qemu.version)
    found = [each for each in sources() if each.version.startswith(f"{release}.")]
    if not found:
        pytest.skip(f"no sources of QEMU {release}")
    schema = load_schema(str(found[0].path / "qapi" / "qapi-schema.json"))
    name = f"client_on_qemu_{release.replace('.', '_')}"
    return load(generate_client(schema), name)


def test_every_query_survives_both_ways(full_qemu: RunningQemu, typed: Any) -> None:
    """What a query without arguments returns, in dataclasses and back, is the same."""
    with connect(full_qemu.path) as vm:
        client = typed.Client(vm)
        entries = vm.qmp.query_qmp_schema()
        # names of types are numbers here; those of commands are their own
        types = {entry["name"]: entry for entry in entries}
        names = [
            entry["name"]
            for entry in entries
            if entry["meta-type"] == "command"
            and entry["name"].startswith("query-")
            and not types[entry["arg-type"]].get("members")
        ]
        seen = 0
        for name in names:
            recorded = _Recorded(vm)
            method = getattr(typed.Client(recorded), name.replace("-", "_"))
            try:
                value = method()
            except QMPError:
                continue
            assert encode(value) == recorded.value, name
            seen += 1
        assert seen > 30
        assert isinstance(client.query_status(), typed.StatusInfo)


class _Recorded:
    """A machine whose last reply is kept."""

    def __init__(self, vm: Machine) -> None:
        self.vm = vm
        self.value: Any = None

    def qmp(self, command: str, arguments: Any) -> Any:
        """Run a command."""
        self.value = self.vm.qmp(command, arguments)
        return self.value


def test_commands_with_arguments(full_qemu: RunningQemu, typed: Any) -> None:
    """Unions, enums, and members beyond the schema."""
    with connect(full_qemu.path) as vm:
        client = typed.Client(vm)
        null = typed.BlockdevOptionsNull(size=1 << 20)
        options = typed.BlockdevOptions(
            driver=typed.BlockdevDriver.NULL_CO, node_name="typed0", u=null
        )
        client.blockdev_add(options)
        nodes = client.query_named_block_nodes(flat=True)
        (mine,) = [node for node in nodes if node.node_name == "typed0"]
        assert mine.drv == "null-co"
        assert mine.image.virtual_size == 1 << 20
        client.blockdev_del(node_name="typed0")
        with pytest.raises(QMPError, match="typed0"):
            client.blockdev_del(node_name="typed0")
        assert client.qom_get(path="/machine", property="type")
        assert "child" in {item.type.split("<")[0] for item in client.qom_list(path="/")}
        assert isinstance(client.query_status().status, typed.RunState)
        with pytest.raises(QMPError, match="no-such"):
            client.device_add(driver="no-such-device", addr="1")


def test_null_and_events(full_qemu: RunningQemu, typed: Any) -> None:
    """What is null for QEMU arrives there, and events come as dataclasses."""
    with connect(full_qemu.path) as vm:
        client = typed.Client(vm)
        client.migrate_set_parameters(tls_hostname="far")
        assert client.query_migrate_parameters().tls_hostname == "far"
        client.migrate_set_parameters(tls_hostname=typed.NULL)
        assert not client.query_migrate_parameters().tls_hostname
        client.cont()
        assert isinstance(client.wait(typed.ResumeEvent, timeout=10), typed.ResumeEvent)
        client.stop()
        for event in client.events(timeout=10):
            if isinstance(event, typed.StopEvent):
                return
        raise AssertionError("no StopEvent")
