from __future__ import annotations

import builtins
import keyword

import pytest

from hmp.qapi import names


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a", "a"),
        ("foo-bar_2", "foo-bar_2"),
        ("x-foo", "foo"),
        ("X-FOO", "FOO"),
        ("__com.example_foo", "foo"),
        ("__com.example_x-foo", "foo"),
        ("__a-b_c_d", "c_d"),
        ("x-q-foo", "q-foo"),
        ("", None),
        ("1a", None),
        ("_a", None),
        ("__a", None),
        ("__a_1", None),
        ("-a", None),
        ("x-", "x-"),
        ("a.b", None),
        ("a b", None),
        ("ö", None),
        ("*a", None),
        ("q_a", None),
        ("q-a", None),
    ],
)
def test_the_stem_of_a_name_and_none_for_an_invalid_one(
    name: str, stem: str | None
) -> None:
    """The stem of a name and none for an invalid one."""
    assert names.stem(name) == stem


@pytest.mark.parametrize("name", ["A", "Foo", "FooBar2", "F1o"])
def test_names_of_types_are_in_camel_case(name: str) -> None:
    """Names of types are in Camel case."""
    assert (names.camel_case_fault(name) is None) == (name != "A")


@pytest.mark.parametrize("name", ["foo", "FOO", "Foo-Bar", "Foo_Bar", "1Foo"])
def test_other_names_are_not_for_types(name: str) -> None:
    """Other names are not for types."""
    assert names.camel_case_fault(name)


def test_upper_and_lower_case() -> None:
    """Upper and lower case."""
    assert names.upper_case_fault("FOO_BAR") is None
    assert names.upper_case_fault("Foo_BAR")
    assert names.upper_case_fault("FOO-BAR")
    assert names.lower_case_fault("foo-bar", False, False) is None
    assert names.lower_case_fault("Foo", False, True)
    assert names.lower_case_fault("Foo", True, True) is None
    assert names.lower_case_fault("foo_bar", True, False)
    assert names.lower_case_fault("foo_bar", False, True) is None


@pytest.mark.parametrize(
    ("name", "reserved"),
    [("u", True), ("has-a", True), ("has_a", True), ("has", False), ("uu", False)],
)
def test_names_that_c_code_needs(name: str, reserved: bool) -> None:
    """Names that c code needs."""
    assert names.is_reserved_member(name) is reserved


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("hello-world", "hello_world"),
        ("import", "import_"),
        ("self", "self_"),
        ("x-foo", "x_foo"),
        ("__com.example_a-b", "com_example_a_b"),
        ("None", "None_"),
    ],
)
def test_python_names(name: str, python: str) -> None:
    """Python names."""
    assert names.python_name(name) == python


def test_no_keyword_is_a_python_name() -> None:
    """No keyword is a Python name."""
    for word in keyword.kwlist:
        assert names.python_name(word) == word + "_"
    assert names.python_name("match") == "match"  # only a keyword in places
    assert hasattr(builtins, names.python_name("id"))


def test_functions_keep_all_of_a_commands_name() -> None:
    """Functions keep all of a commands name."""
    assert names.function_name("hello-world") == "qmp_hello_world"
    assert names.function_name("import") == "qmp_import"
    assert names.function_name("__com.example_a") == "qmp___com_example_a"
