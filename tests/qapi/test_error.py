from __future__ import annotations

from hmp.qapi.error import Place, QAPIError


def test_a_semantic_error_names_file_line_and_definition() -> None:
    """A semantic error names file line and definition."""
    place = Place("a.json", 3).within("command 'stop'")
    error = QAPIError(place, "it is wrong")
    assert str(error) == "a.json: In command 'stop':\na.json:3: it is wrong"
    assert (error.file, error.line, error.column) == ("a.json", 3, None)
    assert error.context == "In command 'stop':"


def test_a_syntax_error_names_the_column() -> None:
    """A syntax error names the column."""
    error = QAPIError(Place("a.json", 3), "expected ':'", 7)
    assert str(error) == "a.json:3:7: expected ':'"
    assert error.context is None


def test_nothing_controls_a_terminal() -> None:
    """Names and comments in a schema may contain anything."""
    error = QAPIError(Place("a\udc80.json", 1), "stray '\x1b[0m'", 1)
    assert str(error) == r"a\udc80.json:1:1: stray '\x1b[0m'"


def test_the_includes_that_led_there_come_first() -> None:
    """The includes that led there come first."""
    outer = Place("a.json", 1)
    error = QAPIError(Place("c.json", 5, Place("b.json", 2, outer)), "no")
    assert str(error).splitlines() == [
        "In file included from a.json:1:",
        "In file included from b.json:2:",
        "c.json:5: no",
    ]


def test_a_file_as_a_whole_has_no_line() -> None:
    """A file as a whole has no line."""
    assert str(QAPIError(Place("a.json"), "can't be read")) == "a.json: can't be read"


def test_another_line_of_the_file_is_outside_the_definition() -> None:
    """Another line of the file is outside the definition."""
    parent = Place("a.json", 1)
    place = Place("b.json", 3, parent, "enum 'E'").at(9)
    assert (str(place), place.parent, place.context) == ("b.json:9", parent, None)
