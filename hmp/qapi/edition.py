"""The editions of the schema language: QEMU changed the rules, not only the schema.

Two editions contradict each other: QEMU 10.0 refuses what QEMU 7.2 takes in documentation
(`Note:` and `Example:` sections, text that is not indented, members left out), and
conditions of unboxed arguments. QEMU 10.2 has the rules of 10.0, and some about style. A
schema is read by the rules of one of them, never by a mixture.
"""

from __future__ import annotations

import os
import re
import sys


class Edition:
    """One set of rules; `CURRENT`, `HISTORIC` and `STRICT` are the only instances.

    `strict_docs`: the documentation rules of QEMU 10.0 apply: text is indented, every
    member is documented, "Returns" is only used where something is returned, and an error
    is reported at the line of the part that is wrong, not at the comment's first line.
    `style_checks`: lines of documentation must look as `hmp.qapi.doc_style` has it.
    `conditional_arguments`: arguments with an 'if' need no 'boxed': true.
    `nested_unions`: a union's branch may be a union.
    `max_features`: how many different features a schema may have.
    """

    __slots__ = (
        "conditional_arguments", "max_features", "name", "nested_unions", "strict_docs",
        "style_checks",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        *,
        strict_docs: bool,
        style_checks: bool,
        conditional_arguments: bool,
        nested_unions: bool,
        max_features: int,
    ) -> None:
        self.name = name
        self.strict_docs = strict_docs
        self.style_checks = style_checks
        self.conditional_arguments = conditional_arguments
        self.nested_unions = nested_unions
        self.max_features = max_features

    def __repr__(self) -> str:
        return f"Edition({self.name!r})"


CURRENT = Edition(
    "10.0",
    strict_docs=True,
    style_checks=False,
    conditional_arguments=False,
    nested_unions=True,
    max_features=64,
)
STRICT = Edition(
    "10.2",
    strict_docs=True,
    style_checks=True,
    conditional_arguments=False,
    nested_unions=True,
    max_features=64,
)
HISTORIC = Edition(
    "7.2",
    strict_docs=False,
    style_checks=False,
    conditional_arguments=True,
    nested_unions=False,
    max_features=sys.maxsize,
)
EDITIONS = {edition.name: edition for edition in (CURRENT, STRICT, HISTORIC)}


def edition_around(path: str) -> Edition:
    """Return the edition for a schema file: STRICT in a source tree of QEMU 10.2 or later.

    Anywhere else it is CURRENT.
    """
    folder = os.path.dirname(os.path.abspath(path))
    # QEMU's tree has schemas in several folders, such as storage-daemon/qapi
    while not os.path.isfile(os.path.join(folder, "qapi", "qapi-schema.json")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return CURRENT
        folder = parent
    try:
        with open(os.path.join(folder, "VERSION"), encoding="ascii") as file:
            match = re.match(r"(\d+)\.(\d+)", file.read())
    except (OSError, ValueError):
        match = None
    if match is None:
        return CURRENT
    return STRICT if (int(match[1]), int(match[2])) >= (10, 2) else CURRENT
