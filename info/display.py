"""Remote displays (VNC, SPICE), and sound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hmp.authoring import Call, Text, info, releases, views
from info._text import filled

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text as RichText

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import (
        SpiceChannel,
        SpiceInfo,
        VncClientInfo,
        VncInfo2,
        VncServerInfo2,
    )

CATEGORY = "Display and sound"


vnc: Declaration[list[VncInfo2]] = info.direct(
    "vnc",
    "query-vnc-servers",
    help="show the VNC servers and their clients",
    words="display, remote desktop, port",
)


@vnc.text
def vnc_text(value: list[VncInfo2]) -> Iterator[str]:
    """Yield the servers and clients of each display."""
    if not value:
        yield "None"
    for display in value:
        yield f"{display['id']}:"
        for server in display["server"]:
            yield f"  Server: {_vnc_address(server)}"
            yield f"    {_vnc_auth(server)}"
        for client in display["clients"]:
            yield f"  Client: {_vnc_address(client)}"
            yield f"    x509_dname: {client.get('x509_dname', 'none')}"
            yield f"    sasl_username: {client.get('sasl_username', 'none')}"
        # a display that connects to its client itself has no server to show the method with
        if not display["server"]:
            yield f"  {_vnc_auth(display)}"
        if "display" in display:
            yield f"  Display: {display['display']}"


def _vnc_address(end: VncServerInfo2 | VncClientInfo) -> str:
    websocket = " (Websocket)" if end["websocket"] else ""
    return f"{end['host']}:{end['service']} ({end['family']}{websocket})"


def _vnc_auth(of: VncInfo2 | VncServerInfo2) -> str:
    return f"Auth: {of['auth']} (Sub: {of.get('vencrypt', 'none')})"


@vnc.view
def vnc_view(value: list[VncInfo2]) -> RenderableType:
    """Show a tree of the displays with their servers and clients."""
    if not value:
        return views.text("no VNC server", "hmp.detail")
    root = views.tree("VNC")
    for display in value:
        shows = f"shows {display['display']}" if "display" in display else None
        branch = root.add(views.branch(display["id"], shows))
        for server in display["server"]:
            auth = ", ".join(filter(None, (server["auth"], server.get("vencrypt"))))
            branch.add(_vnc_end("listens on", server, f"auth {auth}"))
        for client in display["clients"]:
            who = client.get("sasl_username") or client.get("x509_dname")
            branch.add(_vnc_end("client", client, who))
    return root


def _vnc_end(
    what: str, end: VncServerInfo2 | VncClientInfo, detail: str | None
) -> RichText:
    address = (
        # a Unix socket has a path in place of host and port
        end["service"] if end["family"] == "unix" else f"{end['host']}:{end['service']}"
    )
    label = views.text(f"{what} ").append_text(views.branch(address, detail))
    return label.append(" websocket" if end["websocket"] else "")


spice: Declaration[SpiceInfo] = info.direct(
    "spice",
    "query-spice",
    help="show the SPICE server and its clients",
    words="display, remote desktop, port",
)


_SPICE_PORTS = (
    "     address: {host}:{port}",
    "     address: {host}:{tls-port} [tls]",
)
_SPICE_FACTS = (
    "    migrated: {migrated}",
    "        auth: {auth}",
    "    compiled: {compiled-version}",
    "  mouse-mode: {mouse-mode}",
)
_SPICE_CHANNEL = (
    "Channel:",
    "     address: {host}:{port}{mark}",
    "     session: {connection-id}",
    "     channel: {channel-type}:{channel-id}",
    "     channel name: {kind}",
)
# by SPICE's number of the type
_CHANNELS = (
    "unknown",
    "main",
    "display",
    "inputs",
    "cursor",
    "playback",
    "record",
    "tunnel",
    "smartcard",
    "usbredir",
    "port",
    "webdav",
)


@spice.text
def spice_text(value: SpiceInfo, call: Call) -> Iterator[str]:
    """Yield the addresses of the server, and the channels of its clients."""
    if not value["enabled"]:
        yield "Server: disabled"
        return
    yield "Server:"
    yield from filled((*_SPICE_PORTS, *_SPICE_FACTS), value)
    if not value.get("channels"):
        yield "Channels: none"
    for channel in value.get("channels", ()):
        kind = _channel(channel)
        if kind == "webdav" and call.version < releases.WEBDAV:
            kind = "unknown"  # as QEMU 7 prints it
        more = {"mark": " [tls]" if channel["tls"] else "", "kind": kind}
        yield from filled(_SPICE_CHANNEL, {**channel, **more})


def _channel(channel: SpiceChannel) -> str:
    number = channel["channel-type"]
    return _CHANNELS[number] if 0 < number < len(_CHANNELS) else "unknown"


@spice.view
def spice_view(value: SpiceInfo) -> RenderableType:
    """Show the addresses of the server, then a table of the channels."""
    from rich.console import Group

    if not value["enabled"]:
        return views.facts([("SPICE", views.state("disabled"))])
    top = views.facts(
        [
            ("SPICE", views.state("enabled")),
            ("address", value.get("host")),
            ("port", value.get("port")),
            ("TLS port", value.get("tls-port")),
            ("authentication", value.get("auth")),
            ("mouse", value["mouse-mode"]),
            ("version", value.get("compiled-version")),
        ]
    )
    rows = (
        (
            _channel(channel),
            channel["channel-id"],
            f"{channel['host']}:{channel['port']}",
            channel["connection-id"],
            views.state("TLS", True) if channel["tls"] else None,
        )
        for channel in value.get("channels", ())
    )
    return Group(
        top, "", views.table("channel", ">id", "client", ">session", "", rows=rows)
    )


capture = info.passthrough("capture", help="show the running sound captures")

_CAPTURE = re.compile(
    r"\[(\d+)\]: Capturing audio\((\d+),(\d+),(\d+)\) to (.*): (\d+) bytes"
)


@capture.view
def capture_view(value: Text) -> RenderableType | None:
    """Show a table of the captures."""
    # some releases warn first that the command is deprecated
    lines = [line for line in value.splitlines() if not line.startswith("warning: ")]
    found = [_CAPTURE.fullmatch(line) for line in lines]
    rows = [match.groups() for match in found if match is not None]
    # an unknown layout is shown as QEMU printed it
    if not rows or len(rows) < len(found):
        return None
    return views.table(">index", ">Hz", ">bits", ">channels", "file", ">bytes", rows=rows)
