"""Table entries, gathered from the modules of a package.

An entry is a module-level name, or stands in a module-level tuple or list of them. Each
module says in ``CATEGORY`` which group of the help its entries belong to.
"""

from __future__ import annotations

import os
import re
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from hmp.monitor.table import Entry, Table, TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType


class PackageTable(Table):
    """The table of a package's entries, its modules imported as they are needed.

    A module is imported when its source has the name that is looked up as a string or
    an alias in one, and all of them when somebody wants to see the whole table. What a
    run does not use costs it a glance at the source, not an import.
    """

    def __init__(self, package: ModuleType) -> None:
        super().__init__()
        self.package = package
        self._waiting = module_names(package)

    def get(self, name: str) -> Entry | None:
        """Return the entry with that name or alias, or None.

        Raises TableError, and what importing a module raises.
        """
        entry = super().get(name)
        if entry is not None or not self._waiting:
            return entry
        pattern = re.compile(rb'["|]%b["|]' % re.escape(name.encode()))
        for module in list(self._waiting):
            source = _source(self.package, module)
            if source is None or pattern.search(source):
                self._load(module)
                if entry := super().get(name):
                    return entry
        self.load_all()
        return super().get(name)

    def load_all(self) -> None:
        """Import what is not imported yet. Raises as `get` does."""
        while self._waiting:
            self._load(self._waiting[0])

    def _load(self, module: str) -> None:
        self._waiting.remove(module)
        for entry in entries_of(import_module(f"{self.package.__name__}.{module}")):
            self.add(entry)

    def names(self) -> Iterable[str]:
        """Return all names and aliases."""
        self.load_all()
        return super().names()

    def __iter__(self) -> Iterator[Entry]:
        self.load_all()
        return super().__iter__()

    def __len__(self) -> int:
        self.load_all()
        return super().__len__()


def _source(package: ModuleType, module: str) -> bytes | None:
    """Return a module's source, or None when it has none to look at."""
    for path in package.__path__:
        try:
            with open(os.path.join(path, f"{module}.py"), "rb") as file:
                return file.read()
        except OSError:
            continue
    return None


def load_table(package: ModuleType) -> Table:
    """Import all modules of a package and return the table of their entries.

    Raises TableError, and what importing a module raises.
    """
    table = PackageTable(package)
    table.load_all()
    return table


def module_names(package: ModuleType) -> list[str]:
    """Return the names of a package's modules, sorted."""
    names: list[str] = []
    for path in package.__path__:
        try:
            files = os.listdir(path)
        except OSError:  # inside an archive
            from pkgutil import iter_modules

            files = [f"{found.name}.py" for found in iter_modules([path])]
        names += [file[:-3] for file in files if file.endswith(".py")]
    return sorted(name for name in names if name.isidentifier() and name[0] != "_")


def entries_of(module: ModuleType) -> Iterator[Entry]:
    """Yield the entries that a module declares, with their category filled in."""
    category = getattr(module, "CATEGORY", None)
    for value in vars(module).values():
        for entry in value if isinstance(value, tuple | list) else (value,):
            # an entry that was imported belongs to the module that declares it
            if isinstance(entry, Entry) and _declares(module, entry):
                if not isinstance(category, str):
                    raise TableError(f"{module.__file__}: CATEGORY is missing")
                entry.category = category
                yield entry


def _declares(module: ModuleType, entry: Entry) -> bool:
    return entry.source.rpartition(":")[0] == module.__file__


def extend(packages: list[ModuleType], directory: str) -> None:
    """Let packages find modules in the folders of the same names in a directory.

    A folder ``machine/`` of it is for `machine_modules`. Raises TableError when it has
    none of them, or a module that is there already.
    """
    found = os.path.isfile(machine_schema(directory))
    for package in packages:
        folder = os.path.join(directory, package.__name__)
        if not os.path.isdir(folder):
            continue
        found = True
        there = set(module_names(package))
        package.__path__.append(folder)
        names = module_names(package)
        for name in there:
            if names.count(name) > 1:
                raise TableError(
                    f"{folder}/{name}.py: there is a module of that name already"
                    " in hmp; give yours another"
                )
    if not found:
        folders = ", ".join(package.__name__ + "/" for package in packages)
        folders += ", machine/schema.json"
        raise TableError(f"{directory}: has none of the folders {folders}")


def machine_schema(directory: str) -> str:
    """Return the path of the schema that extends the embedded machine, if there is one."""
    return os.path.join(directory, "machine", "schema.json")


def machine_modules(directory: str) -> tuple[list[ModuleType], ModuleType | None]:
    """Import the modules beside that schema: those with functions, and its types.

    They are found as ``machine.NAME``; the types are ``machine/schema_types.py``.
    Raises what importing a module raises.
    """
    path = os.path.abspath(directory)
    if path not in sys.path:
        sys.path.append(path)
    functions, types = [], None
    for file in sorted(os.listdir(os.path.join(path, "machine"))):
        name, dot, ending = file.partition(".")
        if (dot, ending) != (".", "py") or name == "__init__":
            continue
        module = import_module(f"machine.{name}")
        if name == "schema_types":
            types = module
        else:
            functions.append(module)
    return functions, types


def module_error(error: Exception) -> str:
    """Say where loading a module failed."""
    place = ""
    if isinstance(error, SyntaxError):
        place = f"{error.filename}:{error.lineno}: "
    elif error.__traceback__ is not None:
        frame = error.__traceback__
        while frame.tb_next is not None:
            frame = frame.tb_next
        place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}: "
    return f"{place}{type(error).__name__}: {error}"
