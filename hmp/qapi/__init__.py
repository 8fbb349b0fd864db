"""QEMU's QAPI schema language, complete: schema in, everything else derived and checked.

A program loads its schema, binds its functions, and has validated commands:

    schema = load_schema("schema.json")
    commands = bind(schema, [module_with_qmp_functions])
    commands["hello-world"]({"message": "hi"})

The rest is for those who work on schemas: introspection, documentation, generated types,
and the tool `python -m hmp.qapi`. Nothing here imports anything else of this project, and
importing this package costs next to nothing: the module of a name is imported when the
name is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.qapi.binding import Bound, ReturnValueError, bind
    from hmp.qapi.conversion import Codecs
    from hmp.qapi.edition import CURRENT, HISTORIC, STRICT, Edition
    from hmp.qapi.error import Place, QAPIError
    from hmp.qapi.generate import generate_types
    from hmp.qapi.introspection import introspect
    from hmp.qapi.layout import to_markdown, to_text
    from hmp.qapi.render import Description, describe, describe_all, signature, summary
    from hmp.qapi.schema import Schema, load_schema, parse_schema
    from hmp.qapi.values import NULL, Null, RejectedValueError, Struct

__all__ = [
    "CURRENT",
    "HISTORIC",
    "NULL",
    "STRICT",
    "Bound",
    "Codecs",
    "Description",
    "Edition",
    "Null",
    "Place",
    "QAPIError",
    "RejectedValueError",
    "ReturnValueError",
    "Schema",
    "Struct",
    "bind",
    "describe",
    "describe_all",
    "generate_types",
    "introspect",
    "load_schema",
    "parse_schema",
    "signature",
    "summary",
    "to_markdown",
    "to_text",
]

_MODULES = {
    "ReturnValueError": "binding",
    "Bound": "binding",
    "bind": "binding",
    "Codecs": "conversion",
    "CURRENT": "edition",
    "HISTORIC": "edition",
    "STRICT": "edition",
    "Edition": "edition",
    "Place": "error",
    "QAPIError": "error",
    "generate_types": "generate",
    "introspect": "introspection",
    "to_markdown": "layout",
    "to_text": "layout",
    "Description": "render",
    "describe": "render",
    "describe_all": "render",
    "signature": "render",
    "summary": "render",
    "Schema": "schema",
    "load_schema": "schema",
    "parse_schema": "schema",
    "NULL": "values",
    "Null": "values",
    "Struct": "values",
    "RejectedValueError": "values",
}


def __getattr__(name: str) -> object:
    """Return a public name from the module that has it."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = __import__(f"{__name__}.{_MODULES[name]}", fromlist=[name])
    # the next access finds it, without this function
    value = globals()[name] = getattr(module, name)
    return value
