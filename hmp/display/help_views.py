"""Views of help: the overview of all commands, the page of one, the results of a search.

The topics come from `hmp.monitor.help`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding

from hmp.display import views

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from hmp.monitor.help import Topic


def help_view(topic: Topic) -> Any:
    """Return the Rich view of a topic."""
    if topic.get("searched"):
        return _found(topic["commands"])
    if "commands" in topic:
        ends = topic.get("ends_machine", False)
        return _overview(topic["commands"], topic.get("session", False), ends)
    return _page(topic)


def _found(items: Iterable[Topic]) -> Any:
    """Show the results of a search, best match first."""
    return views.table(
        "command",
        "what it does",
        rows=((item["label"], item["help"]) for item in items),
    )


_SESSION = (
    ("COMMAND | shell", "send its text through a shell command"),
    ("COMMAND > file", "write its text to a file; >> appends it"),
    ("!command", "run a shell command"),
    ("F1, help -i", "browse the help; help -s WORDS searches it"),
    ("Tab, Right", "complete the line; take the suggestion in grey"),
    ("Up, Ctrl-R", "earlier lines; search them"),
    ("Ctrl-C", "clear the line, or stop waiting for a reply"),
)
_LEAVES = "Ctrl-D", "leave"
_ENDS = "Ctrl-D", "end the machine, which hmp has started"
_PIPES = (
    "A | outside quotes is a pipe if a letter, '.', '/', '~' or '_' follows, since no"
    " operand of the monitor's | begins like that. A > must follow a blank."
)


def _overview(
    items: Sequence[Topic], session: bool = False, ends_machine: bool = False
) -> Any:
    """Show the commands in one table for each category.

    session: also show the pipes and redirections of a session's lines. ends_machine:
    whether the machine ends with the session.
    """
    groups: dict[str, list[Topic]] = {}
    for item in items:
        groups.setdefault(item["category"], []).append(item)
    parts: list[Any] = []
    for category in sorted(groups):
        rows = map(_overview_row, groups[category])
        parts += [views.text(category, "hmp.title"), views.facts(rows, indent=2), ""]
    note = "help COMMAND explains a command."
    if any("unavailable" in item for item in items):
        note += " A dimmed one with a - after its name is not available on this machine."
    if session:
        lines = (*_SESSION, _ENDS if ends_machine else _LEAVES)
        parts += [views.text("Lines and keys", "hmp.title"), views.facts(lines, indent=2)]
        parts += [views.text(f"  {_PIPES}", "hmp.detail"), ""]
    parts.append(views.text(note, "hmp.detail"))
    return Group(*parts)


def _overview_row(item: Topic) -> tuple[Any, Any]:
    """Return name and help; if unavailable, both dimmed and the name marked."""
    if "unavailable" not in item:
        return item["label"], item["help"]
    return (
        views.text(f"{item['label']} -", "hmp.detail"),
        views.text(item["help"], "hmp.detail"),
    )


def _page(topic: Topic) -> Any:
    """Show one command: usage, purpose, arguments, QMP commands."""
    # QEMU writes the name of some commands twice
    name, params = topic["name"], topic["params"].removeprefix(f"{topic['name']} ")
    usage = views.usage(f"{name} {params}" if params not in ("", name) else name)
    parts: list[Any] = [usage, _indented(topic["help"]), ""]
    for paragraph in filter(None, topic["about"].split("\n\n")):
        parts += [_indented(" ".join(paragraph.split())), ""]
    if topic["arguments"]:
        parts += [views.facts(map(_argument_row, topic["arguments"]), indent=2), ""]
    parts.append(views.facts(_page_facts(topic)))
    for text in topic.get("documentation", {}).values():
        parts += ["", views.lines(text, "hmp.detail")]
    return Group(*parts)


def _indented(text: str) -> Padding:
    return Padding(views.text(text), (0, 0, 0, 2))


def _argument_row(argument: Topic) -> tuple[str, str]:
    what = argument["what"]
    if argument["flag"]:
        return argument["name"], what
    notes = " (optional)" if argument["optional"] else ""
    words = ": " + ", ".join(argument["words"]) if "words" in argument else ""
    return argument["name"], f"{what}{words}{notes}"


def _page_facts(topic: Topic) -> Iterator[tuple[str, Any]]:
    yield "aliases", ", ".join(topic["aliases"]) or None
    yield "category", topic["category"]
    yield "effect", topic["effect"] or None
    through = "by QEMU's own monitor" if topic["passthrough"] else None
    yield "QMP", through or ", ".join(topic["qmp"]) or "none, the monitor's own"
    if "unavailable" in topic:
        yield "here", views.state(f"not on this machine: {topic['unavailable']}", False)
    yield "example", topic["example"] or None
