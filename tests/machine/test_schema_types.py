from __future__ import annotations

from pathlib import Path

from hmp.machine import machine
from hmp.qapi import generate_types, load_schema

FOLDER = Path(machine.__file__).parent


def test_the_generated_types_are_current() -> None:
    """schema_types.py is what `python -m hmp.qapi types` makes of the schema today."""
    schema = load_schema(str(FOLDER / "schema.json"))

    assert (FOLDER / "schema_types.py").read_text() == generate_types(schema)
