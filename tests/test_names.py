"""Names say one thing: no two classes or modules of one name, and the usual forms."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from tests.program import ROOT

PACKAGES = ("hmp", "commands", "info", "completions")
SHARED_MODULES = {"errors"}
"""Names of modules in several rooms of `hmp/`: each layer's errors, as is usual."""
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

    assert not shared, shared


def test_no_two_modules_have_one_name() -> None:
    """A reader who opens a module by its name has one to choose from."""
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


def test_no_tuple_is_unpacked_where_it_is_written() -> None:
    """Its members stand for themselves; to fold lines is the formatter's work."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in MODULES
        for node in ast.walk(tree)
        if isinstance(node, ast.Starred)
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Tuple)
    ]

    assert found == []
