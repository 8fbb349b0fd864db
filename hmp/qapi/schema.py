"""A schema as a whole: the result of all stages, and the functions that run them.

`load_schema` takes a file, `parse_schema` a text; both return a `Schema` that has passed
every check, or raise QAPIError. The stages are `hmp.qapi.parser`, `expressions`,
`linking` and `doc_check`.
"""

from __future__ import annotations

import re

from hmp.qapi.doc_check import check_docs
from hmp.qapi.edition import CURRENT, HISTORIC, Edition, edition_around
from hmp.qapi.entities import Command, Entity, Event, ObjectType, Type
from hmp.qapi.error import Place, QAPIError
from hmp.qapi.expressions import check_expressions
from hmp.qapi.linking import Linker
from hmp.qapi.parser import Source, parse_file, parse_text
from hmp.qapi.pragmas import Pragmas

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hmp.qapi.doc import Doc

# What only older schemas have: sections that the current edition refuses. It is compiled
# when it is needed, which is for schemas with an error.
_HISTORIC_MARK = r"(?m)^# ?(Notes?|Examples?):(?!:)"


class Schema:
    """All that a schema defines, checked.

    `entities` has types, commands and events by name in the order of the files, `types`
    the built-in types too. `docs` are all documentation comments, free-form ones
    included, in order.
    """

    __slots__ = (
        "commands", "docs", "edition", "empty", "entities", "events", "files", "pragmas",
        "types",
    )  # fmt: skip

    def __init__(self, source: Source) -> None:
        definitions = check_expressions(source)
        linker = Linker(source.pragmas, source.edition)
        linker.link(definitions)
        entities = linker.entities
        check_docs(entities.values(), source.pragmas, source.edition)
        linker.check_feature_count()
        self.entities: dict[str, Entity] = entities
        self.types: dict[str, Type] = linker.types
        self.commands = {
            name: entity for name, entity in entities.items() if isinstance(entity, Command)
        }
        self.events = {
            name: entity for name, entity in entities.items() if isinstance(entity, Event)
        }
        self.empty: ObjectType = linker.empty
        self.docs: list[Doc] = source.docs
        self.pragmas: Pragmas = source.pragmas
        self.edition: Edition = source.edition
        self.files: list[str] = source.files


def load_schema(path: str, edition: Edition | None = None) -> Schema:
    """Return the schema in the file `path` and the files it includes.

    It is read by the rules of `edition`. None means the current ones, the strict ones in
    a source tree of a QEMU that has them, or the historic ones if the schema has
    documentation that was only written for those.

    Raises QAPIError for the first thing that is wrong, a file that can't be read included.
    """
    chosen, told = edition or edition_around(path), edition is not None
    return _load(path, chosen, told, lambda source: parse_file(path, source))


def parse_schema(
    text: str, file: str = "<schema>", edition: Edition | None = None
) -> Schema:
    """Return the schema in `text`; `file` is its name in messages.

    Includes are looked up beside `file`. Raises QAPIError as `load_schema` does.
    """
    chosen, told = edition or CURRENT, edition is not None
    return _load(file, chosen, told, lambda source: parse_text(text, file, source))


def _load(
    file: str, edition: Edition, told: bool, parse: Callable[[Source], None]
) -> Schema:
    """Return the schema by an edition; a default edition gives way to HISTORIC."""
    source = Source(edition)
    try:
        parse(source)
        return Schema(source)
    except QAPIError:
        if told or not _looks_historic(source):
            raise
    except RecursionError:
        # Some thousand files or types, each inside the other: no schema is like that.
        raise QAPIError(Place(file), "includes or types are nested too deeply") from None
    return _load(file, HISTORIC, True, parse)


def _looks_historic(source: Source) -> bool:
    return any(re.search(_HISTORIC_MARK, text) for text in source.texts)
