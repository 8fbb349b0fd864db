"""ClusterShell's sets of names: they are read here, and names are written short.

It takes long to import, and most sets do not need it.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_NO_NODE = re.compile(r"^@|[^\w@./:+-]")
"""What means more than itself in NodeSet's language: operators, groups, ranges."""
_GROUP = re.compile(r"@[\w@.:*?+-]*(?:\[[\d/-]*\]?[\w.:*?+-]*)*")
"""A group in NodeSet's language; some that it knows are found by a shell command."""


class SetError(ValueError):
    """A set that cannot be read, or that names no machine."""


def nodes(text: str) -> list[str]:
    """Return the names of a set in ClusterShell's language. Raises SetError."""
    for part in re.split("[,!&^]", text):
        if re.search(r"(?:^|\s)@", part) and not _GROUP.fullmatch(part):
            raise SetError(f"'{part}' is not the name of a group")
    node_set, node_set_error = _node_set()
    try:
        return [str(name) for name in node_set(text)]
    # ClusterShell asserts some of what a user can type
    except (node_set_error, AssertionError) as error:
        raise SetError(f"'{text}': {error}") from error


def group_names() -> list[str]:
    """Return the names of ClusterShell's groups; none if it cannot be asked."""
    try:
        node_sets = _cluster_shell()
    except ModuleNotFoundError:
        return []
    try:
        return [*map(str, node_sets.grouplist())]
    except node_sets.NodeSetException:
        # its configuration names no groups, or has an error
        return []


def how_many(count: int) -> str:
    """Return a number of machines in words."""
    return "1 machine" if count == 1 else f"{count} machines"


def fold(names: Iterable[str]) -> str:
    """Write names as short as possible: ``vm[1-57,60]``."""
    names = list(names)
    if len(names) < 2 or any(map(_NO_NODE.search, names)):
        return ",".join(names)
    node_set, node_set_error = _node_set()
    try:
        return str(node_set.fromlist(names))
    except (node_set_error, ValueError):
        # names that it cannot read, such as one with thousands of digits
        return ",".join(names)


def _cluster_shell() -> Any:
    """Return ClusterShell's module of sets. Raises ModuleNotFoundError without it."""
    from importlib import import_module  # late, as that takes long, too

    return import_module("ClusterShell.NodeSet")


def _node_set() -> tuple[Any, type[Exception]]:
    """Return ClusterShell's NodeSet, and its error. Raises SetError without it."""
    try:
        node_sets = _cluster_shell()
    except ModuleNotFoundError as error:
        raise SetError("such sets need the package ClusterShell") from error
    return node_sets.NodeSet, node_sets.NodeSetException
