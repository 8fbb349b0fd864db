from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hmp.qapi

FOLDER = Path(hmp.qapi.__file__).parent
MODULES = sorted(path.stem for path in FOLDER.glob("*.py"))

# What a program that only loads a schema must not wait for.
SLOW = {"argparse", "asyncio", "dataclasses", "inspect", "json", "pathlib", "typing"}


def imported_by(code: str) -> list[str]:
    """Return the modules that are loaded after running `code` in a new interpreter."""
    code = f"import sys; sys.path.insert(0, {str(FOLDER.parents[1])!r})\n{code}"
    command = [sys.executable, "-I", "-S", "-c", f"{code}\nprint(*sys.modules)"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return result.stdout.split()


@pytest.mark.parametrize("name", hmp.qapi.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Every public name is there."""
    assert getattr(hmp.qapi, name) is not None
    # A submodule of the same name would take its place once it is imported.
    assert name not in MODULES


def test_other_names_are_not() -> None:
    """Other names are not."""
    with pytest.raises(AttributeError, match="no_such"):
        hmp.qapi.no_such  # noqa: B018


def test_importing_the_package_imports_nothing_of_it() -> None:
    """Importing the package imports nothing of it."""
    loaded = imported_by("import hmp.qapi")
    assert [name for name in loaded if name.startswith("hmp.")] == ["hmp.qapi"]


def test_loading_and_binding_import_nothing_slow() -> None:
    """Loading and binding import nothing slow."""
    loaded = imported_by(
        "from hmp.qapi import parse_schema, bind\n"
        "def qmp_foo(a: str | None = None) -> None: ...\n"
        "schema = parse_schema(\"{ 'command': 'foo', 'data': { '*a': 'str' } }\")\n"
        "assert bind(schema, [qmp_foo])['foo']({'a': 'x'}) == {}"
    )
    assert not SLOW & set(loaded)
    assert "hmp.qapi.generate" not in loaded


def test_nothing_else_of_this_project_and_no_third_party_is_imported() -> None:
    """Nothing else of this project and no third party is imported."""
    loaded = imported_by(
        "import hmp.qapi.__main__" + "".join(f", hmp.qapi.{m}" for m in MODULES)
    )
    ours = {name for name in loaded if name.split(".")[0] in ("hmp", "commands", "info")}
    assert {name for name in ours if not name.startswith("hmp.qapi")} == {"hmp"}
    roots = {name.split(".")[0] for name in loaded}
    assert roots <= {*sys.stdlib_module_names, "hmp", "__main__"}


def test_every_module_has_its_tests() -> None:
    """Every module has its tests."""
    tests = {path.stem for path in Path(__file__).parent.glob("test_*.py")}
    names = {"__init__": "package", "__main__": "main"}
    assert {f"test_{names.get(name, name)}" for name in MODULES} <= tests
