from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hmp.frontends.config import PROMPT, Config, config_path, load_config
from hmp.monitor.errors import ConfigError


def test_nothing_said_means_the_defaults() -> None:
    """Each setting has one."""
    config = Config()

    assert (config.editing, config.prompt, config.pager) == ("emacs", PROMPT, None)
    assert (config.confirm, config.suggestions, config.toolbar) == (True, True, True)
    assert (config.complete_while_typing, config.history) == (False, None)
    assert (config.aliases, config.theme, config.keys, config.targets) == ({}, {}, {}, {})


def test_all_of_it(tmp_path: Path) -> None:
    """The example of the documentation, or nearly so."""
    path = tmp_path / "config.toml"
    path.write_text("""
        [session]
        editing = "vi"
        prompt = "{name}> "
        pager = ""
        confirm = false
        complete_while_typing = true
        suggestions = false
        toolbar = false
        history = ""
        [theme]
        "hmp.good" = "green"
        [keys]
        f5 = "info status"
        [aliases]
        r = "system_reset"
        two = ["stop", "cont"]
        [targets.prod]
        target = "/run/prod"
        read_only = true
        [targets.lab]
        target = "lab:4444"
    """)
    config = load_config(str(path), {})

    assert (config.editing, config.prompt, config.pager) == ("vi", "{name}> ", "")
    assert (config.confirm, config.suggestions, config.toolbar) == (False, False, False)
    assert (config.complete_while_typing, config.history) == (True, "")
    assert config.aliases == {"r": ["system_reset"], "two": ["stop", "cont"]}
    assert (config.theme, config.keys) == ({"hmp.good": "green"}, {"f5": "info status"})
    found = {n: (t.target, t.read_only) for n, t in config.targets.items()}
    assert found == {"prod": ("/run/prod", True), "lab": ("lab:4444", False)}


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (
            {"x": 1},
            "'x' is unknown; the known keys are session, theme, keys, aliases,"
            " targets, groups",
        ),
        ({"session": 1}, "'session' must be a table: [session]"),
        (
            {"session": {"pgaer": ""}},
            "'session.pgaer' is unknown; the known keys are editing, prompt,"
            " pager, confirm, complete_while_typing, suggestions, toolbar, history",
        ),
        (
            {"session": {"confirm": "yes"}},
            "'session.confirm' must be true or false, not 'yes'",
        ),
        ({"session": {"editing": "ed"}}, "'session.editing' must be 'emacs' or 'vi'"),
        (
            {"session": {"prompt": "{"}},
            "'session.prompt' Single '{' encountered in format string",
        ),
        (
            {"session": {"prompt": "{host}"}},
            "'session.prompt' accepts only these placeholders: mode, name,"
            " program, state, version",
        ),
        ({"theme": {"a": 1}}, "'theme.a' must be a string, not 1"),
        ({"keys": {"f5": ["a"]}}, "'keys.f5' must be a string, not ['a']"),
        ({"aliases": {"a": 1}}, "'aliases.a' must be a line or a list of lines"),
        ({"aliases": {"a": []}}, "'aliases.a' must be a line or a list of lines"),
        ({"aliases": {"a b": "c"}}, "'aliases.a b' must be a single word"),
        (
            {"targets": {"a": "b"}},
            "'targets.a' must be a table: [targets.a] with target = \"…\"",
        ),
        ({"targets": {"a": {}}}, "'targets.a.target' is missing"),
        (
            {"targets": {"a": {"target": "x", "port": 1}}},
            "'targets.a.port' is unknown; the known keys are target, read_only",
        ),
    ],
)
def test_what_is_wrong_has_a_place(data: dict[str, Any], complaint: str) -> None:
    """The complaint names the file and the key."""
    with pytest.raises(ConfigError) as caught:
        Config(data, "FILE")

    assert str(caught.value).startswith("FILE: ")
    assert str(caught.value) == f"FILE: {complaint}"


def test_the_usual_place(tmp_path: Path) -> None:
    """The environment's folder, or the home's; no file there means the defaults."""
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}

    assert config_path(environment) == str(tmp_path / "hmp" / "config.toml")
    assert config_path({"XDG_CONFIG_HOME": "relative"}).endswith("/.config/hmp/config.toml")
    assert load_config(None, environment).editing == "emacs"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """One that was named must be there, and be TOML."""
    with pytest.raises(ConfigError, match="No such file"):
        load_config(str(tmp_path / "nope"), {})
    path = tmp_path / "config.toml"
    path.write_text("[session\n")
    with pytest.raises(ConfigError, match=r"config\.toml: "):
        load_config(str(path), {})
    path.write_bytes(b"\n\xff")
    with pytest.raises(ConfigError, match=r"config\.toml: line 2 is not valid UTF-8"):
        load_config(str(path), {})


def test_a_huge_file_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    """20 MB took the parser more than 20 s."""
    path = tmp_path / "config.toml"
    path.write_text(f'[aliases]\na = "{"x" * (1 << 20)}"\n')
    with pytest.raises(ConfigError) as caught:
        load_config(str(path), {})

    assert str(caught.value) == f"cannot read {path}: larger than 1 MiB"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('session = {prompt = "a\\u0000"}', "session.prompt"),
        ('aliases = {x = ["a", "b\\u0000"]}', "aliases.x"),
        ('keys = {"f\\u00005" = "stop"}', "keys.f\\05"),
        ('"\\u0000" = 1', "\\0"),
    ],
)
def test_null_characters_are_refused(tmp_path: Path, text: str, key: str) -> None:
    """Neither files nor lines can hold them; one in a key is shown as it is written."""
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(str(file), {})

    assert str(caught.value) == f"{file}: '{key}' holds a null character"
