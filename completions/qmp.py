"""Raw QMP: commands, arguments and values, from the machine's schema."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from completions.block import block_devices, devices_and_nodes
from completions.chardev import chardevs
from completions.device import devices, netdevs, objects
from completions.job import jobs
from completions.sentences import explained
from hmp.authoring import (
    Connection,
    Introspected,
    Kind,
    OptionsError,
    QDict,
    Word,
    after_scheme,
    nested,
)

if TYPE_CHECKING:
    from hmp.qmp.introspected import Entry

_KEY = r'"([\w.-]+)"\s*:\s*'
_NAMED = {
    "device": block_devices,
    "node": devices_and_nodes,
    "node-name": devices_and_nodes,
    "job-id": jobs,
    "netdev": netdevs,
    "chardev": chardevs,
}
"""The fetchers of members, by member; those of ``id`` depend on the command."""
_IDS = {
    "chardev-remove": chardevs,
    "chardev-change": chardevs,
    "device_del": devices,
    "netdev_del": netdevs,
    "object-del": objects,
}


def _place(typed: str, args: QDict) -> tuple[int, str]:
    """Complete the command, a key, or a value; the context is a JSON text.

    It is a list of the command's name, the arguments so far, the path of the enclosing
    members, and the key whose value is typed (empty while a key is typed).
    """
    before = str(args.get("request", ""))
    if (before or typed).startswith("{"):
        return _place_json(before, typed)
    name, _, rest = before.partition(" ")
    if not name:
        return 0, _context("", {}, "", "")
    if (rest or typed).startswith("{"):
        begin = typed.rfind('"') + 1
        return begin, _json_context(name, f"{rest}{typed[:begin]}".removesuffix('"'))
    key, equals, _ = typed.partition("=")
    begin = len(key) + 1 if equals else typed.rfind(".") + 1
    path, _, last = key.rpartition(".")
    pairs = (word.partition("=") for word in rest.split() if "=" in word)
    try:
        given = nested((name, value) for name, _, value in pairs)
    except OptionsError:
        # the arguments so far contradict each other; the rest can still be completed
        given = {}
    return begin, _context(name, given, path, last if equals else "")


def _place_json(before: str, typed: str) -> tuple[int, str]:
    # a name in JSON begins after a quote, and its end is typed with the candidate
    begin = typed.rfind('"') + 1
    text = f"{before}{typed[:begin]}".removesuffix('"')
    name = re.search(r'"execute"\s*:\s*"([\w-]+)"', text)
    key = re.search(rf"{_KEY}$", text)
    if key is not None and key[1] == "execute":
        return begin, _context("", {}, "", "")
    inside = re.search(r'"arguments"\s*:\s*\{', text)
    if name is None or inside is None:
        return begin, _context("", {}, "", "message")
    return begin, _json_context(name[1], text[inside.end() :])


def _json_context(name: str, arguments: str) -> str:
    # the text ends in the middle, so it is not JSON yet; strings are enough to select a
    # union's branch
    given = dict(re.findall(rf'{_KEY}"([^"]*)"', arguments))
    key = re.search(rf"{_KEY}$", arguments)
    return _context(name, given, "json", key[1] if key is not None else "")


def _context(name: str, given: dict[str, object], path: str, key: str) -> str:
    return json.dumps([name, given, path, key])


def _path(part: str, context: str) -> int | None:
    """Return where the name of a file of QEMU's host begins in a value, if it has one."""
    name, _, _, key = json.loads(context)
    if name.startswith(_NO_FILES):
        return None
    if key in _FILES or (name, key) in _MORE_FILES:
        return 0
    return _after_file(part, context) if key in ("protocol", "uri") else None


_NO_FILES = ("guest-", "qom-", "x-query-virtio")
"""Commands with paths of the guest, or of QOM."""
# members that name files of QEMU's host, in any command
_FILES = ("dir", "filename", "logfile", "mem-path", "path", "snapshot-file")
# those whose name alone does not say it
_MORE_FILES = (
    ("chardev-add", "in"),
    ("chardev-add", "out"),
    ("drive-backup", "target"),
    ("drive-mirror", "target"),
    ("object-add", "file"),
)
_after_file = after_scheme("file:", "unix:")

RAW_QMP = Kind(
    "QMP command and its arguments, or JSON", place=_place, path=_path, worded=True
)


@RAW_QMP.fetcher
async def raw_qmp(qmp: Connection, context: str) -> list[Word]:
    """Return the commands, the members of one, or the values of a member."""
    name, given, path, key = json.loads(context)
    if key == "message" and not name:
        return [("execute", "the command"), ("arguments", "its arguments"), ("id", "any")]
    schema = await qmp.schema()
    if not name:
        return [(command, _signature(schema, command)) for command in schema.commands()]
    # "json" is not a step: it says that a message is typed, not key=value
    steps = [step for step in path.split(".") if step and path != "json"]
    kind, value = schema.type_at(name, given, steps)
    kind = kind or name
    said = await _sentences(qmp, name) if not steps else {}
    # what adds something gives it its id; the others name one that exists
    if not name.endswith("add"):
        said.setdefault("id", "id of one that exists")
    if not key:
        mark = "" if path == "json" else "="
        has = value if isinstance(value, dict) else {}
        found = [m for m in schema.members_for(kind, has) if m["name"] not in has]
        note = ("", _signature(schema, name))
        return [
            note,
            *((f"{m['name']}{mark}", _explained(m, schema, said)) for m in found),
        ]
    kind, _ = schema.type_at(name, given, [*steps, key])
    about = schema.type_words(kind) if kind else "no such argument"
    note = ("", f"{said[key]} ({about})" if key in said else explained(key, about))
    return [note, *schema.value_words(kind), *await _things(qmp, name, key)]


async def _sentences(qmp: Connection, command: str) -> dict[str, str]:
    """Return one sentence about each argument, from a documented schema."""
    text = await qmp.describe(command)
    if not text.startswith("command "):
        return {}  # a machine's introspection, which has types only
    found = re.findall(r"^  ([\w-]+): .*((?:\n {6,}.+)+)", text, re.MULTILINE)
    return {
        name: re.split(r"\.(?= |$)", " ".join(lines.split()))[0] for name, lines in found
    }


def _explained(member: Entry, schema: Introspected, said: dict[str, str]) -> str:
    about = _about(schema, member)
    sentence = said.get(member["name"])
    return f"{sentence} ({about})" if sentence else explained(member["name"], about)


async def _things(qmp: Connection, command: str, key: str) -> list[Word]:
    """Return the names of things in the machine that a member can refer to."""
    fetch = _IDS.get(command) if key == "id" else _NAMED.get(key)
    return await fetch(qmp, "") if fetch is not None else []


def _signature(schema: Introspected, command: str) -> str:
    """Return the names of a command's arguments, optional ones in brackets."""
    members = schema.members(command)
    names = (f"[{m['name']}]" if "default" in m else m["name"] for m in members)
    return ", ".join(names) or "no arguments"


def _about(schema: Introspected, member: Entry) -> str:
    optional = ", optional" if "default" in member else ""
    return f"{schema.type_words(member['type'])}{optional}"
