"""Names say one thing: no two classes or modules of one name, and the usual forms."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from tests.program import ROOT

PACKAGES = ("hmp", "commands", "info", "completions")
SHARED_CLASSES = {
    "Machine": "the public face for programs, and the public face for authors of machines",
    "Event": "of a schema, and the base of a typed client's",
    "Machines": "those of an agent, and those of a set",
    "Member": "of an object in a schema, and of a set of machines",
    "Opening": "how a target is opened, and the threads that open a set",
    "Process": "a process of a host, and what one has used",
    "Shape": "of a type in QMP, and of a result on the screen",
    "Struct": "the base of generated dataclasses, on either side of the wire",
    "UsageError": "of the program's command line, and of a command's arguments",
}
"""Names that several classes have, and what they stand for; the list only shrinks."""
SHARED_MODULES = {
    "agent",
    "client",
    "connection",
    "errors",
    "events",
    "gathered",
    "history",
    "local",
    "machine",
    "machines",
    "names",
    "options",
    "printing",
    "run",
    "script",
    "server",
    "session",
    "state",
    "table",
    "top",
    "waiting",
    "words",
}
"""Names of modules in more than one room of `hmp/`; the list only shrinks."""
_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")
_PATTERN = re.compile(r"(?:re\.compile|frozenset)\(")


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


MODULES = list(_modules())


def test_no_two_classes_have_one_name() -> None:
    """A reader who searches for a class finds one."""
    places: dict[str, set[str]] = defaultdict(set)
    for path, tree in MODULES:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].add(f"{path}:{node.lineno}")
    shared = {name: found for name, found in places.items() if len(found) > 1}

    assert shared.keys() <= SHARED_CLASSES.keys(), shared


def test_few_modules_have_the_name_of_another() -> None:
    """Those that do stand in a list, which only shrinks."""
    rooms: dict[str, set[str]] = defaultdict(set)
    for path, _ in MODULES:
        folder, _, name = path.removesuffix(".py").rpartition("/")
        if path.startswith("hmp/") and not name.startswith("__"):
            rooms[name].add(folder)

    shared = {name: found for name, found in rooms.items() if len(found) > 1}

    assert shared.keys() <= SHARED_MODULES, shared


def test_exceptions_end_in_error() -> None:
    """A class whose base ends in Error, or is Exception, does so too."""
    wrong = [
        f"{path}:{node.lineno}: {node.name}"
        for path, tree in MODULES
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if re.search(r"(?:Error|Exception)$", ast.unparse(base))
        and not node.name.endswith("Error")
    ]

    assert wrong == []


def test_constants_are_upper_case() -> None:
    """Compiled patterns, sets and literals at module level are written as constants."""
    wrong = [
        f"{path}:{node.lineno}: {target.id}"
        for path, tree in MODULES
        for node in tree.body
        if isinstance(node, ast.Assign)
        and (
            isinstance(node.value, ast.Constant | ast.Tuple | ast.Set)
            or _PATTERN.match(ast.unparse(node.value))
        )
        for target in node.targets
        if isinstance(target, ast.Name)
        and not _CONSTANT.fullmatch(target.id)
        and not re.fullmatch(r"__\w+__|version_info", target.id)
    ]

    assert wrong == []
