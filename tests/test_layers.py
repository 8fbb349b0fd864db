from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module

import pytest

from hmp import authoring
from tests.fakes import LIMIT, serving
from tests.program import ROOT

PACKAGES = ("hmp", "commands", "info", "completions", "tests")
OURS = ("commands", "info", "completions")


@cache
def imports(source: str, types: bool = False) -> list[tuple[str, bool]]:
    """Return the modules that a source imports, and whether at its top level.

    types: also what only a type checker sees.
    """
    return list(_imports(source, types))


def _imports(source: str, types: bool) -> Iterator[tuple[str, bool]]:
    tree = ast.parse(source)
    unseen = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for part in node.body
        for child in ast.walk(part)
        if not types
    }
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if id(node) in unseen:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in top
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module, id(node) in top
            for alias in node.names:
                if (ROOT / node.module.replace(".", "/") / f"{alias.name}.py").exists():
                    yield f"{node.module}.{alias.name}", id(node) in top


@cache
def sources(folder: str) -> list[tuple[str, str]]:
    """Return path, from the top of the checkout, and text of the modules in a folder."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return [(str(path.relative_to(ROOT)), path.read_text()) for path in paths]


def within(module: str, *packages: str) -> bool:
    """Return whether a module is one of packages, or lies in one."""
    return any(module == name or module.startswith(f"{name}.") for name in packages)


Files = Iterable[tuple[str, str]]


def violations(files: Files, allowed: Callable[[str, str], bool]) -> set[tuple[str, str]]:
    """Return the imports of our own packages that are not allowed, with who has them."""
    return {
        (path, module)
        for path, text in files
        for module, _ in imports(text)
        if within(module, *PACKAGES) and not allowed(path, module)
    }


# commands of the monitor itself show what is in it
ABOUT_US = (
    "commands/help.py",
    "commands/information.py",
    "commands/events.py",
    "commands/session.py",
)


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [
        ("hmp", lambda path, module: path == "hmp/builtin.py" or within(module, "hmp")),
        (
            "hmp/language",
            lambda path, module: within(module, "hmp.language"),
        ),
        ("hmp/qapi", lambda path, module: within(module, "hmp.qapi")),
        ("hmp/qmp", lambda path, module: within(module, "hmp.qmp", "hmp.qapi")),
        (
            "hmp/machine",
            lambda path, module: (
                within(module, "hmp.machine", "hmp.qmp", "hmp.qapi") or module == "hmp"
            ),
        ),
        (
            "completions",
            lambda path, module: module == "hmp.authoring" or within(module, "completions"),
        ),
        (
            "commands",
            lambda path, module: (
                module == "hmp.authoring"
                or within(module, "commands", "completions")
                or (path in ABOUT_US and within(module, "hmp"))
            ),
        ),
        (
            "info",
            lambda path, module: (
                module == "hmp.authoring" or within(module, "info", "completions")
            ),
        ),
    ],
)
def test_folders_import_what_lies_below_them(
    folder: str, allowed: Callable[[str, str], bool]
) -> None:
    """Each may import what DESIGN says, and nothing else of ours."""
    assert violations(sources(folder), allowed) == set()


def _picture() -> dict[str, int]:
    """Return the rooms in the picture of docs/architecture.md, with their rows' numbers."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    rows = text.split("```text\n")[1].split("```")[0].splitlines()
    names = [re.findall(r"\S+(?:/|\.py)(?=\s|$)", row) for row in rows]
    return {name: number for number, found in enumerate(names) for name in found}


def _room(module: str) -> str:
    """Return the room of a module, as the picture names it."""
    first, _, rest = module.partition(".")
    if first != "hmp":
        return f"{first}/"
    name = rest.partition(".")[0]
    return f"hmp/{name}/" if (ROOT / "hmp" / name).is_dir() else f"hmp/{name}.py"


def test_the_picture_of_the_rooms_is_true() -> None:
    """It names every room, and no room imports from its own row or from one above it."""
    rows = _picture()
    found = {
        (_room(path.removesuffix(".py").replace("/", ".")), _room(module))
        for folder in ("hmp", "commands", "info", "completions")
        for path, text in sources(folder)
        for module, _ in imports(text)
        if within(module, *PACKAGES) and module != "hmp" and path != "hmp/__init__.py"
    }

    assert {room for room, _ in found} <= rows.keys()
    assert [
        pair for pair in found if len(set(pair)) > 1 and rows[pair[0]] >= rows[pair[1]]
    ] == []


def test_a_wrong_import_would_be_found() -> None:
    """Wherever it stands, but not where only a type checker looks."""
    text = """
import os, commands.block
from info import block
from hmp.qmp import errors
def f():
    if x:
        from tests.fakes import FakeServer
if TYPE_CHECKING:
    import completions
"""
    found = violations(
        iter([("hmp/x.py", text)]), lambda path, module: within(module, "hmp")
    )

    assert {module for _, module in found} == {
        "commands.block",
        "info",
        "info.block",
        "tests.fakes",
    }


def users(library: str, top_level: bool = False) -> set[str]:
    """Return the modules that import a library."""
    return {
        path
        for folder in ("hmp", *OURS)
        for path, text in sources(folder)
        for module, top in imports(text)
        if within(module, library) and (top or not top_level)
    }


def test_only_the_terminal_front_end_knows_prompt_toolkit() -> None:
    """Everything else runs without it."""
    assert users("prompt_toolkit")
    assert {
        path for path in users("prompt_toolkit") if "hmp/terminal/" not in path
    } == set()


def test_only_output_and_views_know_rich() -> None:
    """And but for two modules of theirs they import it when a view is drawn."""
    drawing = {
        "hmp/display/richtext.py",
        "hmp/display/views.py",
        "hmp/display/help_views.py",
        "hmp/display/breaking.py",
        "hmp/display/elide.py",
        "hmp/display/gathered_view.py",
    }

    assert users("rich", top_level=True) == {
        "hmp/display/help_views.py",
        "hmp/display/richtext.py",
        "hmp/display/breaking.py",
        "hmp/display/elide.py",
        "hmp/display/gathered_view.py",
    }
    assert {
        path
        for path in users("rich")
        if path.startswith("hmp/") and "hmp/terminal/" not in path
    } == drawing


def test_only_those_who_wait_for_others_know_asyncio() -> None:
    """The program itself imports it when somebody sits there, or a machine wants it."""
    folders = ("hmp/terminal/", "hmp/serving/", "hmp/agents/")
    top = users("asyncio", top_level=True)

    assert {path for path in top if not path.startswith(folders)} == {
        "hmp/cli/fleet_session.py",
        "hmp/fleet/fleet_connection.py",
        "hmp/fleet/fleet_machine.py",
        "hmp/fleet/round.py",
        "hmp/fleet/shared_answers.py",
        "hmp/fleet/fleet_monitor.py",
        "hmp/frontends/in_thread.py",
        "hmp/qmp/aio.py",
        "hmp/qmp/threaded.py",
    }


def test_no_import_is_relative() -> None:
    """A name says where it is from."""
    for folder in PACKAGES:
        for path, text in sources(folder):
            assert re.search(r"(?m)^\s*from\s+\.", text) is None, path


MODULES = """
import os, sys
sys.argv = ["hmp", *sys.argv[1:]]
from hmp.cli.main import main
status = main()
os.write(2, " ".join(sys.modules).encode())
sys.exit(status)
"""
HEAVY = ("prompt_toolkit", "rich", "asyncio", "pygments", "pydoc", "inspect")
SLOW = {"argparse", "contextlib", "importlib", "gettext", "threading", "typing", "warnings"}
"""Of Python's own, what takes long to import and one command does not need."""


def loaded(*arguments: str, script: str = "", before: str = "") -> set[str]:
    """Return the modules that a run of the program has imported at its end.

    before: Python that runs first.
    """
    done = subprocess.run(
        [sys.executable, "-c", before + MODULES, *arguments],
        input=script.encode(),
        capture_output=True,
        timeout=LIMIT,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.decode().split())


def heavy(modules: set[str]) -> set[str]:
    """Return the libraries among modules that a script has no use for."""
    return {name.partition(".")[0] for name in modules} & set(HEAVY)


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_script_on_the_embedded_machine_imports_little(style: str) -> None:
    """Neither an event loop, nor what draws on terminals; not even a socket."""
    modules = loaded("-o", style, "-c", "info version", "-c", "info status")

    assert heavy(modules) == set()
    assert not modules & {"socket", "subprocess", "hmp.terminal", "hmp.qmp.aio"}


def test_a_script_on_a_socket_imports_little() -> None:
    """... and nothing of the embedded machine or its schema."""
    with serving({"query-name": {"name": "vm"}, "stop": {}}) as server:
        modules = loaded(server.path, script="info name\nstop\n")

    assert heavy(modules) == set()
    assert not {name for name in modules if within(name, "hmp.machine", "hmp.qapi")}


def test_one_command_on_a_socket_imports_next_to_nothing() -> None:
    """What each start pays for: less of Python's own than a bare script."""
    with serving({"query-status": {"status": "running", "running": True}}) as server:
        modules = loaded(server.path, "-c", "info status")

    assert modules & {*SLOW, "math", "selectors", "socket"} == set()
    assert len([name for name in modules if within(name, "hmp", *OURS)]) <= 57


def test_the_tables_import_nothing_that_finds_machines() -> None:
    """Only those who complete the name of a machine, or move to one, pay for that."""
    tables = [path[:-3].replace("/", ".") for name in OURS for path, _ in sources(name)]
    program = f"import {', '.join(tables)}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, cwd=ROOT)
    found = ("hmp.targets.discovery", "hmp.targets.ssh_host", "hmp.frontends.config")

    assert done.returncode == 0, done.stderr
    assert {*done.stdout.decode().split()} & {*found} == set()


def test_one_command_on_a_set_imports_little_more() -> None:
    """Most sets need neither ClusterShell nor what explains errors."""
    answers = {"query-status": {"status": "running", "running": True}}
    with serving(answers) as first, serving(answers) as second:
        modules = loaded(first.path, second.path, "-c", "info status")

    assert modules & SLOW == {"threading"}


@pytest.mark.parametrize("option", ["--version", "--help", "--shell-completion=bash"])
def test_options_that_print_only_text_import_nothing(option: str) -> None:
    """Not even regular expressions."""
    modules = loaded(option)

    assert modules & {*SLOW, "re", "hmp.builtin"} == set()


def test_a_list_of_no_machines_imports_nothing() -> None:
    """Only machines need more than a look at /proc."""
    before = "from hmp.targets import processes\nprocesses._processes = lambda proc: []"
    modules = loaded("--list", before=before)

    assert modules & {*SLOW, "re", "hmp.targets.discovery"} == set()


def test_authoring_offers_what_type_checkers_see() -> None:
    """Each name, from the same module."""
    tree = ast.parse((ROOT / "hmp" / "authoring.py").read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module != "typing"
        for alias in node.names
    }
    modules = {name: f"{seen[name]}.{name}" for name in authoring._LATE}

    assert seen | modules == authoring._MODULES | authoring._LATE
    assert seen.keys() == set(authoring.__all__)
    for name, module in authoring._MODULES.items():
        assert getattr(authoring, name) is getattr(import_module(module), name)
    for name, module in authoring._LATE.items():
        constant = next(key for key in vars(import_module(module)) if key[0] != "_")
        found = getattr(getattr(authoring, name), constant)
        assert found is getattr(import_module(module), constant)


def test_a_run_that_draws_views_would_be_found() -> None:
    """The list above has the names by which the libraries are known."""
    assert heavy(loaded("-o", "rich", "-c", "info status")) >= {"rich"}


def test_nothing_but_python_and_schemas_is_in_the_packages() -> None:
    """What is not needed is not installed."""
    endings = {
        path.suffix
        for folder in ("hmp", *OURS)
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert endings <= {".py", ".pyi", ".json", ".typed", ""}
    assert all((ROOT / folder / "py.typed").exists() for folder in ("hmp", *OURS))


def package(module: str) -> str:
    """Return the room of a module: ``hmp.qmp``, ``info``, ``hmp.builtin``."""
    parts = module.split(".")
    return ".".join(parts[: 2 if parts[0] == "hmp" else 1])


def graph(name_of: Callable[[str], str], types: bool = False) -> dict[str, set[str]]:
    """Return who imports whom, by names made of modules; types: as for `imports`."""
    found: dict[str, set[str]] = {}
    for folder in ("hmp", *OURS):
        for path, text in sources(folder):
            module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            users = found.setdefault(name_of(module), set())
            users |= {
                name_of(used)
                for used, _ in imports(text, types)
                if within(used, "hmp", *OURS)
            } - {name_of(module)}
    return found


def circles(uses: dict[str, set[str]]) -> set[frozenset[str]]:
    """Return the names that reach each other, a set for each circle or knot of circles."""
    reached = {name: _reached(name, uses) for name in uses}
    knots = (
        frozenset(other for other in reached[name] if name in reached[other])
        for name in uses
    )
    return {knot for knot in knots if knot}


def _reached(start: str, uses: dict[str, set[str]]) -> set[str]:
    """Return the names to which a name leads, itself only if a circle does."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = (uses[waiting.pop()] & uses.keys()) - found
        found |= new
        waiting += new
    return found


def test_no_two_packages_need_each_other() -> None:
    """Nowhere, not even inside of functions or for types."""
    uses = graph(package, types=True)
    # what it offers is imported on first use, and its helpers need nothing
    uses["hmp"] = set()

    assert circles(uses) == set()


def test_no_module_needs_itself() -> None:
    """Not by way of others either, and not even inside of functions."""
    assert circles(graph(lambda module: module)) == set()


KNOTS = {
    "the monitor loads what few lines need, which are functions of the monitor": (
        "hmp.monitor",
        "confirmation guards monitor passthrough preconfig",
    ),
    "a set's monitor has a connection, which asks it for the first machine": (
        "hmp.fleet",
        "fleet_connection fleet_monitor",
    ),
    "the machine loads its commands, which are functions of the machine": (
        "hmp.machine",
        "alarm control hello machine runstate",
    ),
    "a blocking connection turns into an asynchronous one, which keeps it": (
        "hmp.qmp",
        "aio blocking",
    ),
    "a target's stream is opened by what greets there, which takes the stream": (
        "hmp.targets",
        "greeting target",
    ),
}
"""Modules that need each other, but only for type checkers: why, the room, and which."""


def test_modules_need_each_other_only_for_the_types_of_what_they_take() -> None:
    """No circle joins those that the language forces; one that is gone leaves the list."""
    uses = graph(lambda module: module, types=True)
    # a package only offers what its modules have
    for name in {name.rpartition(".")[0] for name in uses} & uses.keys():
        uses[name] = set()

    assert circles(uses) == {
        frozenset(f"{room}.{name}" for name in names.split())
        for room, names in KNOTS.values()
    }


def test_a_circle_would_be_found() -> None:
    """And what only leads to one is not on it."""
    uses = {
        "a0": {"a"},
        "a": {"b"},
        "b": {"c"},
        "c": {"b", "d"},
        "d": set(),
        "e": {"e2"},
        "e2": {"x"},
    }

    assert circles(uses) == {frozenset({"b", "c"})}
