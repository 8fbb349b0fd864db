"""The entries of a package's modules, as a table.

Each module's ``CATEGORY`` is the group of the help that its entries belong to. The table
imports a module only when one of its names is looked up. `extend` adds a user's folders
to the packages.
"""

from __future__ import annotations

import os
import sys

from hmp import imported
from hmp.monitor.declare import command
from hmp.monitor.entry import READ, Entry, Table, TableError
from hmp.monitor.errors import CommandFailedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import ModuleType, TracebackType
    from typing import Any

    from hmp.language.qdict import QDict
    from hmp.monitor.declare import Declare
    from hmp.monitor.monitor import Monitor


class PackageTable(Table):
    """The table of a package's entries, its modules imported as they are needed.

    index: the module of each name. Looking up a name in the index imports that module;
    looking up any other name, or reading the whole table, imports all of them. A module
    that cannot be imported is left out; its names, and all that no other module has, get
    an entry whose lines fail with the reason.
    """

    def __init__(
        self, package: ModuleType, declare: Declare, index: Mapping[str, str]
    ) -> None:
        super().__init__()
        self.package = package
        self.declare = declare
        self._index = index
        self._loaded: set[str] = set()
        self._failed: dict[str, Entry[Any]] = {}
        self._whole = False

    def get(self, name: str) -> Entry[Any] | None:
        """Return the entry with that name or alias, or None."""
        entry = self.by_name.get(name)
        if entry is not None:
            return entry
        module = self._index.get(name)
        if module is not None:
            self._try(module)
        if name not in self.by_name and module not in self._failed:
            self._try_all()
        entry = self.by_name.get(name)
        if entry is None and self._failed:
            entry = self._failed.get(module or next(iter(self._failed)))
        return entry

    def load_all(self) -> None:
        """Import all modules. Raises TableError; exceptions of an import pass through."""
        self._each(self._load)

    def _each(self, load: Callable[[str], None]) -> None:
        for module in self._modules():
            load(module)
        for entry in self.declare.loose:
            self.add(entry)
        self._whole = True

    def _modules(self) -> Iterable[str]:
        """Return the names of all modules, an author's new ones last.

        So a name that is taken is reported with the new module's line.
        """
        known = set(self._index.values())
        return sorted(module_names(self.package), key=lambda name: name not in known)

    def _try_all(self) -> None:
        """Import the modules that can be imported."""
        if not self._whole:
            self._each(self._try)

    def _try(self, module: str) -> None:
        """Import a module, once; if that fails, make the entry that says so."""
        if module in self._loaded or module in self._failed:
            return
        try:
            self._load(module)
        except TableError as error:
            self._failed[module] = _failing(str(error))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._failed[module] = _failing(module_error(error, self.package.__path__))

    def _load(self, module: str) -> None:
        if module not in self._loaded:
            try:
                entries = self.declare.load(f"{self.package.__name__}.{module}")
            except BaseException as error:  # a module may raise anything
                _named(error, module, self.package.__path__)
                raise
            for entry in entries:
                self.add(entry)
            self._loaded.add(module)

    def names(self) -> Iterable[str]:
        """Return all names and aliases."""
        self._try_all()
        return super().names()

    def __iter__(self) -> Iterator[Entry[Any]]:
        self._try_all()
        return super().__iter__()

    def __len__(self) -> int:
        self._try_all()
        return super().__len__()


def _failing(reason: str) -> Entry[Any]:
    """Return the entry for the names of a module that cannot be imported."""

    async def handler(mon: Monitor, args: QDict) -> None:
        raise CommandFailedError(f"Error: {reason}\n")

    text = f"cannot be loaded: {reason.partition(chr(10))[0]}"
    entry = Entry("unloaded", handler, args_type="arguments:S?", help=text, effect=READ)
    entry.category = "Not loaded"
    return entry


def load_table(package: ModuleType, declare: Declare = command) -> Table:
    """Import all modules of a package and return the table of their entries.

    Raises TableError; exceptions of an import pass through.
    """
    table = PackageTable(package, declare, {})
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


def extend(packages: list[ModuleType], directory: str) -> None:
    """Add a directory's folders to the packages of the same names.

    Its folder ``machine/`` is for `machine_modules`. Raises TableError if it has none of
    these folders, or a module whose name is taken.
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
                    f"{folder}/{name}.py: hmp already has a module of that name;"
                    " rename yours"
                )
    if not found:
        folders = ", ".join(package.__name__ + "/" for package in packages)
        folders += ", machine/schema.json"
        raise TableError(f"{directory}: has none of the folders {folders}")


def machine_schema(directory: str) -> str:
    """Return the path where a schema would extend the embedded machine."""
    return os.path.join(directory, "machine", "schema.json")


def machine_modules(directory: str) -> tuple[list[ModuleType], ModuleType | None]:
    """Import the modules next to that schema: those with functions, and its types.

    They are imported as ``machine.NAME``; the types are ``machine/schema_types.py``.
    Exceptions of an import pass through.
    """
    path = os.path.abspath(directory)
    if path not in sys.path:
        # at the end, so that nothing in a user's folder replaces a module of ours
        sys.path.append(path)
    functions, types = [], None
    for file in sorted(os.listdir(os.path.join(path, "machine"))):
        name, dot, ending = file.partition(".")
        if (dot, ending) != (".", "py") or name == "__init__":
            continue
        try:
            module = imported(f"machine.{name}")
        except BaseException as error:
            _named(error, name, [os.path.join(path, "machine")])
            raise
        if name == "schema_types":
            types = module
        else:
            functions.append(module)
    return functions, types


def _named(error: BaseException, module: str, folders: Iterable[str]) -> None:
    """Add the file of a module that fails to load to its error; folders: to search."""
    paths = [os.path.join(folder, f"{module}.py") for folder in folders]
    error.add_note(next((path for path in paths if os.path.exists(path)), module))


def module_error(error: BaseException, folders: Sequence[str] = ()) -> str:
    """Return the error of loading a module, with its place.

    folders: those of the author, whose last line on the way to the error is the place.
    """
    place = ""
    own: list[str] = []
    if isinstance(error, SyntaxError):
        place = f"{error.filename}:{error.lineno}: " if error.filename else ""
    elif error.__traceback__ is not None:
        places: list[str] = []
        trace: TracebackType | None = error.__traceback__
        while trace is not None:
            file = os.path.abspath(trace.tb_frame.f_code.co_filename)
            places.append(f"{file}:{trace.tb_lineno}: ")
            trace = trace.tb_next
        roots = tuple(os.path.join(os.path.abspath(folder), "") for folder in folders)
        own = [each for each in places if each.startswith(roots)]
        place = (own or places)[-1]
    text = f"{place}{type(error).__name__}: {error}"
    # an error in a file's encoding has no place
    files = [file for file in getattr(error, "__notes__", ()) if file not in text]
    return f"{files[0]}: {text}" if files and not own else text
