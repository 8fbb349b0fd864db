"""The interface of the library and of authoring: what those who use them have written.

``HMP_TEST_UPDATE=1 pytest tests/library/test_interface.py`` writes the files anew.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests import golden

GOLDEN = Path(__file__).parent / "golden"


def interface(module: str) -> Iterator[str]:
    """Yield the names of a module, and their parameters with their defaults."""
    found = import_module(module)
    for name in sorted(found.__all__):
        value = getattr(found, name)
        if inspect.isclass(value):
            yield f"class {name}({', '.join(base.__name__ for base in value.__bases__)})\n"
            yield from (f"    {line}\n" for line in _members(value))
        elif callable(value):
            yield f"{name}{_parameters(value)}\n"
        elif isinstance(value, str | int | float | tuple):
            yield f"{name} = {value!r}\n"
        else:
            yield f"{name}\n"


def _members(kind: type) -> Iterator[str]:
    """Yield what a class of ours has for its users; of those of authors, how it is made."""
    ours = [base for base in kind.__mro__ if base.__module__.startswith("hmp.")]
    names = {name for base in ours for name in vars(base)}
    for name in sorted(names):
        member = getattr(kind, name)
        public = name == "__init__" or (name[0] != "_" and kind.__module__ in LIBRARY)
        if public and callable(member):
            yield f"{name}{_parameters(member)}"
        elif public:
            value = isinstance(member, str | int | float | tuple)
            yield f"{name} = {member!r}" if value else name


LIBRARY = ("hmp.library.machines", "hmp.library.results", "hmp.fleet.machine_sets")


def _parameters(function: object) -> str:
    """Return parameters and defaults, without types, which checkers hold."""
    try:
        signature = inspect.signature(function)  # type: ignore[arg-type] # it can be called
    except ValueError:  # a class in C
        return "(...)"
    bare = [
        parameter.replace(annotation=parameter.empty)
        for parameter in signature.parameters.values()
    ]
    text = str(signature.replace(parameters=bare, return_annotation=signature.empty))
    return re.sub(r" at 0x\w+", "", text)


@pytest.mark.parametrize("module", ["hmp", "hmp.client", "hmp.authoring"])
def test_the_interface_changes_on_purpose(module: str) -> None:
    """Programs and commands of others rely on names, parameters and defaults."""
    golden.check(GOLDEN / f"{module}.txt", "".join(interface(module)))
