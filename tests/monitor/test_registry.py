from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module, invalidate_caches
from itertools import count
from pathlib import Path
from types import ModuleType

import pytest

import commands
import info
from hmp.builtin import load_tables
from hmp.monitor import declare
from hmp.monitor.declare import command
from hmp.monitor.entry import TableError
from hmp.monitor.registry import (
    PackageTable,
    extend,
    load_table,
    machine_modules,
    machine_schema,
    module_error,
    module_names,
)
from tests.fakes import FakeSession
from tests.program import ROOT

MODULE = """
from hmp.authoring import command
CATEGORY = "Mine"
@command("{name}", help="do it")
async def handler(mon, args):
    pass
"""
_numbers = count()


Make = Callable[..., ModuleType]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Return a function that makes a package of files; they are forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.setattr(command, "by_name", {})

    def make(**files: str) -> ModuleType:
        made = ModuleType(f"package{next(_numbers)}")
        folder = tmp_path / made.__name__
        folder.mkdir()
        for name, text in files.items():
            (folder / f"{name}.py").write_text(text.replace("PACKAGE", made.__name__))
        made.__path__ = [str(folder)]
        sys.modules[made.__name__] = made
        return made

    yield make
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_modules_are_found_by_their_files(package: Make) -> None:
    """Private modules, and files that are no modules, are left out."""
    found = package(b="", a="", _c="", __init__="")
    folder = Path(found.__path__[0])
    (folder / "d.txt").touch()
    (folder / "not a name.py").touch()
    (folder / "7.py").touch()
    (folder / "e").mkdir()

    assert module_names(found) == ["a", "b"]


def test_a_table_has_the_entries_of_all_modules(package: Make) -> None:
    """Entries get the category of the module that declares them."""
    found = package(one=MODULE.format(name="one|first"))
    (Path(found.__path__[0]) / "two.py").write_text(
        MODULE.format(name="two").replace("Mine", "Other")
    )

    table = load_table(found)

    assert [(entry.name, entry.category) for entry in table] == [
        ("one|first", "Mine"),
        ("two", "Other"),
    ]


def test_an_imported_entry_belongs_to_the_module_that_declares_it(package: Make) -> None:
    """A module may import another's entry without declaring it again."""
    found = package(a=MODULE.format(name="one"))
    (Path(found.__path__[0]) / "b.py").write_text(
        f"from {found.__name__}.a import handler\nCATEGORY = 'Other'\n"
    )

    (entry,) = load_table(found)

    assert entry.category == "Mine"


def test_entries_can_stand_anywhere(package: Make) -> None:
    """In a tuple, a dict, a loop, or made by a helper of another module."""
    found = package(
        a="import sys\n"
        "from hmp.authoring import command\n"
        "from PACKAGE import _b as helper\n"
        "CATEGORY = 'Mine'\n"
        "ONE = (command.passthrough('one', help='do it'),)\n"
        "TWO = {'x': [command.passthrough('two', help='do it')]}\n"
        "for name in ('three', 'four'):\n"
        "    command.passthrough(name, help='do it')\n"
        "helper.make('five')\n",
        _b="from hmp.authoring import command\n"
        "def make(name):\n"
        "    command.direct(name, help='do it')\n",
    )

    entries = sorted(load_table(found), key=lambda entry: entry.name)

    assert [entry.name for entry in entries] == ["five", "four", "one", "three", "two"]
    assert {entry.category for entry in entries} == {"Mine"}


def test_a_module_may_import_its_sibling(package: Make) -> None:
    """What the sibling declares is the sibling's, whichever is loaded first."""
    found = package(
        a="from hmp.authoring import command\nCATEGORY = 'Mine'\n"
        "from PACKAGE import z\n"
        "command.passthrough('one', help='do it')\n",
        z="from hmp.authoring import command\nCATEGORY = 'Other'\n"
        "command.passthrough('two', help='do it')\n",
    )

    for _ in range(2):
        entries = {entry.name: entry.category for entry in load_table(found)}
        assert entries == {"one": "Mine", "two": "Other"}


def test_a_module_that_was_imported_before_keeps_its_entries(package: Make) -> None:
    """Whoever imports it first, its entries are its own."""
    found = package(
        a="from hmp.authoring import command\nCATEGORY = 'Mine'\n"
        "TWO = {'x': command.passthrough('two', help='do it')}\n"
    )
    import_module(f"{found.__name__}.a")

    (entry,) = load_table(found)

    assert (entry.name, entry.category) == ("two", "Mine")
    assert list(load_table(found)) == [entry]


def test_a_module_that_fails_leaves_no_entries(package: Make) -> None:
    """Once it is mended it can be loaded."""
    found = package(a=MODULE.format(name="one") + "1 / 0\n")
    with pytest.raises(ZeroDivisionError):
        load_table(found)
    path = Path(found.__path__[0]) / "a.py"
    path.write_text(MODULE.format(name="one") + "# mended by its author\n")
    invalidate_caches()

    assert [entry.name for entry in load_table(found)] == ["one"]


@pytest.mark.parametrize(
    ("category", "fault"),
    [
        ("", "is missing"),
        ("CATEGORY = None", "is missing"),
        ("CATEGORY = 7", "must be a string"),
    ],
)
def test_a_module_with_entries_needs_a_category(
    package: Make, category: str, fault: str
) -> None:
    """The text has the line of the first entry; a module without entries needs none."""
    found = package(
        a=MODULE.format(name="one").replace('CATEGORY = "Mine"', category), b="x = 1"
    )

    with pytest.raises(TableError, match=rf"a\.py:4: CATEGORY {fault}: give 'one'"):
        load_table(found)


def test_a_name_in_two_modules_is_refused(package: Make) -> None:
    """The text has both places."""
    found = package(a=MODULE.format(name="one"), b=MODULE.format(name="two|one"))

    with pytest.raises(
        TableError, match=r"b\.py:4: 'one' is already declared \(at .*a\.py:4\)"
    ):
        load_table(found)


def test_what_a_module_raises_comes_out(package: Make) -> None:
    """A module that does not load is not left out."""
    found = package(a="1 / 0")

    with pytest.raises(ZeroDivisionError):
        load_table(found)


MISTAKES = {
    "field": (MODULE.format(name="mine").replace("help=", "hepl="), "unknown field 'hepl'"),
    "syntax": ("def x(\n", "SyntaxError: '(' was never closed"),
    "import": ("from hmp.authoring import NOTHING\n", "ImportError: cannot import"),
    "odd": ("class Odd(BaseException):\n    pass\n\n\nraise Odd(1)\n", "Odd: 1"),
    "exit": ("import sys\nsys.exit(5)\n", "SystemExit: 5"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("indexed", [True, False])
def test_a_mistake_of_an_author_is_the_error_of_a_line(
    package: Make, mistake: str, indexed: bool
) -> None:
    """It is what the lines say that need the module; all others run."""
    text, reason = MISTAKES[mistake]
    found = package(good=MODULE.format(name="good"), mine=text)
    index = {"good": "good", "mine": "mine"} if indexed else {"good": "good"}
    session = FakeSession(table=PackageTable(found, command, index))

    assert session.prints("good") == ""
    for line in ("mine", "mine -x | y", "help mine") if indexed else ("mine", "min"):
        assert re.match(
            rf"Error: .*/mine\.py:\d+: .*{re.escape(reason)}", session.prints(line)
        )
    assert session.prints("good") == ""
    assert [entry.name for entry in session.monitor.commands] == ["good"]


def test_a_taken_name_is_the_new_module_s_mistake(package: Make) -> None:
    """The index tells which one is new, whatever the modules are called."""
    found = package(a=MODULE.format(name="mine|stop"), z=MODULE.format(name="stop"))
    table = PackageTable(found, command, {"stop": "z"})
    session = FakeSession(table=table)

    assert session.prints("stop") == ""
    assert re.match(
        r"Error: .*/a\.py:4: 'stop' is already declared \(at .*/z\.py:4\)",
        session.prints("mine"),
    )


def test_a_module_without_entries_has_none(package: Make) -> None:
    """Other values at module level are not entries, and need no category."""
    assert list(load_table(package(a="x = (1, 'two', None)"))) == []


@pytest.mark.parametrize(
    ("package", "table"), [(commands, declare.command), (info, declare.info)]
)
def test_the_index_is_true(package: ModuleType, table: declare.Declare) -> None:
    """Each name of the real tables stands in the index with its module."""
    found = {
        name: module
        for module in module_names(package)
        for entry in table.load(f"{package.__name__}.{module}")
        for name in entry.names
    }

    index = package.MODULES
    advice = f"set MODULES in {package.__name__}/__init__.py: the module of each name"
    assert found == index, advice


def imported(call: str) -> set[str]:
    """Return the modules of entries that a new process imports for one name."""
    code = (
        "import sys; from hmp.builtin import load_tables\n"
        f"assert {call}.get('info').subtable.get('status')\n"
        "print(*(m for m in sys.modules if m.startswith(('commands.', 'info.'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stderr == ""
    return set(done.stdout.split())


def test_a_look_at_one_name_imports_one_module() -> None:
    """The rest of the table stays unread, if that is asked for; else faults show early."""
    indexed = {
        f"{package.__name__}.{module}"
        for package in (commands, info)
        for module in package.MODULES.values()
    }

    assert imported("load_tables(lazy=True)") == {"commands.information", "info.machine"}
    assert imported("load_tables()") >= indexed


def test_a_directory_extends_a_package(package: Make, tmp_path: Path) -> None:
    """Its folder of the package's name is looked into like the package's own."""
    found, other = package(a=MODULE.format(name="one")), package()
    folder = tmp_path / "mine" / found.__name__
    folder.mkdir(parents=True)
    (folder / "b.py").write_text(MODULE.format(name="two"))

    extend([found, other], str(tmp_path / "mine"))

    assert [entry.name for entry in load_table(found)] == ["one", "two"]
    assert module_names(other) == []


@pytest.mark.parametrize("link", [False, True])
def test_a_directory_may_be_relative_or_a_link(
    package: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: bool
) -> None:
    """No entry is lost for the way in which its file is reached."""
    found = package()
    folder = tmp_path / "mine" / found.__name__
    folder.mkdir(parents=True)
    (folder / "b.py").write_text(MODULE.format(name="two"))
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)

    extend([found], "link" if link else "mine")

    assert [entry.name for entry in load_table(found)] == ["two"]


def test_a_directory_without_the_folders_is_refused(package: Make, tmp_path: Path) -> None:
    """A typing mistake must not pass for a directory that adds nothing."""
    found, other = package(), package()

    with pytest.raises(TableError) as caught:
        extend([found, other], f"{tmp_path}/x")

    assert str(caught.value) == (
        f"{tmp_path}/x: has none of the folders"
        f" {found.__name__}/, {other.__name__}/, machine/schema.json"
    )


def test_a_directory_may_extend_the_machine_alone(package: Make, tmp_path: Path) -> None:
    """A schema is enough; commands for it may be QMP's only."""
    (tmp_path / "machine").mkdir()
    (tmp_path / "machine" / "schema.json").touch()

    extend([package()], str(tmp_path))

    assert machine_schema(str(tmp_path)) == str(tmp_path / "machine" / "schema.json")


@pytest.fixture
def extension(tmp_path: Path) -> Iterator[Path]:
    """Return a directory whose modules are forgotten afterwards."""
    before = set(sys.modules)
    path = list(sys.path)
    (tmp_path / "machine").mkdir()
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_modules_beside_a_schema_have_functions_or_types(extension: Path) -> None:
    """The types are known by their name; files that are no modules are left out."""
    for name in ("b.py", "a.py", "schema_types.py", "schema.json", "c.txt", "__init__.py"):
        (extension / "machine" / name).touch()

    functions, types = machine_modules(str(extension))

    assert [module.__name__ for module in functions] == ["machine.a", "machine.b"]
    assert types is not None
    assert types.__name__ == "machine.schema_types"


def test_modules_beside_a_schema_may_be_without_types(extension: Path) -> None:
    """Functions take dicts and strings then."""
    (extension / "machine" / "a.py").touch()

    functions, types = machine_modules(str(extension))

    assert len(functions) == 1
    assert types is None


def test_a_module_of_a_name_that_is_taken_is_refused(package: Make, tmp_path: Path) -> None:
    """Python would import only one of the two."""
    found = package(block="")
    folder = tmp_path / "mine" / found.__name__
    folder.mkdir(parents=True)
    (folder / "block.py").touch()

    with pytest.raises(TableError, match=r"mine/.*/block\.py: hmp already has a module"):
        extend([found], str(tmp_path / "mine"))


def test_an_error_without_a_place() -> None:
    """It is named by its kind and its text only."""
    assert module_error(ValueError("no")) == "ValueError: no"
    assert module_error(SyntaxError("bad")) == "SyntaxError: bad"


def test_the_same_directory_twice_is_refused(package: Make, tmp_path: Path) -> None:
    """... and two directories with a module of the same name as well."""
    found = package()
    folder = tmp_path / "mine" / found.__name__
    folder.mkdir(parents=True)
    (folder / "a.py").touch()
    extend([found], str(tmp_path / "mine"))

    with pytest.raises(TableError, match=r"a\.py: hmp already has a module"):
        extend([found], str(tmp_path / "mine"))


def test_the_real_tables_have_a_place_and_category_for_every_entry() -> None:
    """``info`` has its subcommands, and every entry says where it was declared."""
    table = load_tables()
    info = table.get("info")

    assert info is not None
    assert info.subtable is not None
    for entry in (*table, *info.subtable):
        path, _, line = entry.source.rpartition(":")
        assert Path(path).is_file()
        assert line.isdigit()
        assert entry.category
