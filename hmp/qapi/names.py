"""The rules for names, docs/devel/qapi-code-gen.rst "Naming rules and reserved names".

The functions tell whether a name may be used, or return its form in C or in Python.
`hmp.qapi.expressions` calls them; they return an error's text, and never raise.
"""

from __future__ import annotations

import re

# An optional downstream prefix such as '__com.redhat_', the old mark of experiments
# 'x-', and the stem, to which the rules about upper and lower case apply.
_NAME = re.compile(r"(?:__[a-zA-Z0-9.-]+_)?(?:[xX]-)?([a-zA-Z][a-zA-Z0-9_-]*)")
# at least one lower-case letter, which tells a type from an event
_CAMEL_CASE = re.compile(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*")
_TO_C = str.maketrans("-.", "__")

# Python's keywords, and the first parameter of methods. Spelled out because importing
# `keyword` at start costs more than looking here; a test compares the two.
_KEYWORDS = frozenset((
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class",
    "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global",
    "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
    "return", "self", "try", "while", "with", "yield",
))  # fmt: skip


def c_name(name: str) -> str:
    """Return the name that `name` has in C: what isn't a letter or digit is '_'."""
    return name.translate(_TO_C)


def python_name(name: str) -> str:
    """Return the name of a Python variable or attribute for `name`.

    What Python keeps for itself gets a trailing '_'. The two underscores in front of
    downstream names are dropped: inside a class Python would take such names for private.
    """
    name = c_name(name).lstrip("_")
    return name + "_" if name in _KEYWORDS else name


def class_name(name: str) -> str:
    """Return the name of the Python class for the type `name`."""
    return python_name(name)


def function_name(command: str) -> str:
    """Return the name of the function that implements `command`."""
    return "qmp_" + c_name(command)


def stem(name: str) -> str | None:
    """Return `name` without its prefixes, or None if `name` is not valid at all."""
    match = _NAME.fullmatch(name)
    # 'q_' is what QEMU puts before names that C can't take.
    if match is None or name.startswith(("q_", "q-")):
        return None
    return match[1]


def lower_case_fault(stem: str, exempt_case: bool, exempt_dash: bool) -> str | None:
    """Return the error in the stem of a command, member or feature, or None."""
    if not exempt_case and stem != stem.lower():
        return "must be lower case"
    if not exempt_dash and "_" in stem:
        return "must have '-' between words, not '_'"
    return None


def upper_case_fault(stem: str) -> str | None:
    """Return the error in the stem of an event's name, or None."""
    if stem != stem.upper():
        return "must be upper case"
    if "-" in stem:
        return "must have '_' between words, not '-'"
    return None


def camel_case_fault(stem: str) -> str | None:
    """Return the error in the stem of a type's name, or None."""
    if not _CAMEL_CASE.fullmatch(stem):
        return "must be in CamelCase"
    return None


def is_reserved_member(name: str) -> bool:
    """Tell whether a member's name is one that C code needs for itself."""
    name = c_name(name)
    return name == "u" or name.startswith("has_")
