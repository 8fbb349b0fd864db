"""Checks of the tables once a user's folders have extended them.

They find what no declaration shows alone. Tests check our own entries in the same way.
"""

from __future__ import annotations

import os
import sys

from hmp.monitor.entry import READ, TableError
from hmp.monitor.examples import wrong_example
from hmp.monitor.registry import module_names
from hmp.qmp import RUN_LINE
from hmp.qmp.read_only import only_reads
from hmp.qmp.shapes import COMMANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from hmp.monitor.entry import Entry
    from hmp.monitor.registry import PackageTable

_DECORATORS = {"commands": "@command", "info": "@info"}
"""What declares the entries of a package."""


def check_extension(tables: Sequence[PackageTable]) -> None:
    """Raise TableError with the place of the first mistake.

    tables: the main one first, with ``info`` as a sub-table.
    """
    for table in tables:
        _check_loose(table)
    for table in tables:
        _check_modules(table)
    for top in tables[0]:
        for entry in (top, *(top.subtable or ())):
            if wrong := _wrong_effect(entry) or wrong_example(entry, tables[0]):
                raise TableError(f"{entry.source}: '{entry.names[0]}': {wrong}")


def _check_loose(table: PackageTable) -> None:
    """Refuse entries that a file of the other folder has declared: they would be lost."""
    here = table.package.__name__
    for entry in table.declare.loose:
        folder = os.path.basename(os.path.dirname(entry.source))
        if folder in _DECORATORS and folder != here:
            raise TableError(
                f"{entry.source}: '{entry.names[0]}': what {_DECORATORS[here]} declares"
                f" belongs in {here}/, not in {folder}/"
            )


def _check_modules(table: PackageTable) -> None:
    """Refuse a module that means to declare something, but does not."""
    package = table.package.__name__
    files = {entry.source.rpartition(":")[0] for entry in table}
    for name in module_names(table.package):
        module = sys.modules[f"{package}.{name}"]
        if hasattr(module, "CATEGORY") and module.__file__ not in files:
            raise TableError(
                f"{module.__file__}:1: nothing is declared here; write"
                f" {_DECORATORS[package]}(...) before a handler"
            )


def _wrong_effect(entry: Entry[Any]) -> str:
    """Return what is wrong with an entry that may only read; empty if nothing is."""
    if entry.effect != READ:
        return ""
    for command in entry.qmp:
        # of a command that only the author's machine has, the author knows more
        if command in COMMANDS and command != RUN_LINE and not only_reads(command, {}):
            return f"the effect is READ, but QMP's '{command}' is not a query"
    return ""
