"""The user's configuration: a TOML file, checked; every error names the setting.

    [session]
    editing = "emacs"            # or "vi"
    prompt = "({program}{name}{state}{mode}) "
    pager = "less -RX"           # "" for none
    confirm = true               # ask before destructive commands
    complete_while_typing = false
    suggestions = true           # offer the rest of earlier lines
    toolbar = true
    history = "~/.hmp_history"   # "" for none

    [theme]                      # styles by name: hmp.* as Rich writes them, others as
    "hmp.good" = "green"         # prompt_toolkit does
    "prompt.name" = "bold ansigreen"

    [keys]                       # the command that a key runs
    f5 = "info status"
    "c-x b" = "info block"

    [aliases]
    r = "system_reset"
    disks = ["info block", "info blockstats"]

    [targets.prod]
    target = "/run/vm/prod.sock"
    read_only = true

Terminal sessions and targets given by name read the file. A file given with --config is
always checked; a script with a socket as its target never reads the default file.
"""

from __future__ import annotations

import os

from hmp.frontends.paths import config_directory
from hmp.monitor.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_LIMIT = 1 << 20
"""The most bytes of a file; `tomllib` can take seconds for as many."""
PROMPT = "({program}{name}{state}{mode}) "
# what a prompt may have in braces
_PLACEHOLDERS = {"program", "name", "state", "mode", "version"}

# the keys of [session], with their types and defaults
_SESSION: dict[str, tuple[type, object]] = {
    "editing": (str, "emacs"),
    "prompt": (str, PROMPT),
    "pager": (str, None),
    "confirm": (bool, True),
    "complete_while_typing": (bool, False),
    "suggestions": (bool, True),
    "toolbar": (bool, True),
    "history": (str, None),
}
# the keys of [targets.NAME], with their types and defaults
_TARGET: dict[str, tuple[type, object]] = {
    "target": (str, None),
    "read_only": (bool, False),
}
_TYPES = {str: "a string", bool: "true or false"}


class TargetConfig:
    """A named target: its address, and whether it is read-only."""

    __slots__ = ("read_only", "target")

    def __init__(self, target: str, read_only: bool) -> None:
        self.target = target
        self.read_only = read_only


class Config:
    """The settings of the file, with defaults for those that are absent.

    aliases: the lines that a word runs. theme: styles by name. keys: the lines that keys
    run. targets: by name. groups: of machines, by name: a list of words, or a command
    that prints them.
    """

    def __init__(self, data: Mapping[str, Any] | None = None, path: str = "") -> None:
        reader = _Reader(path)
        self.path = path
        data = data or {}
        reader.no_null("", data)
        reader.known("", data, ("session", "theme", "keys", "aliases", "targets", "groups"))
        session = reader.section(data, "session", _SESSION)
        self.editing: str = session["editing"]
        self.prompt: str = session["prompt"]
        self.pager: str | None = session["pager"]
        self.confirm: bool = session["confirm"]
        self.complete_while_typing: bool = session["complete_while_typing"]
        self.suggestions: bool = session["suggestions"]
        self.toolbar: bool = session["toolbar"]
        self.history: str | None = session["history"]
        if self.editing not in ("emacs", "vi"):
            raise reader.error("session.editing", "must be 'emacs' or 'vi'")
        reader.check_prompt(self.prompt)
        self.theme: dict[str, str] = reader.texts(data, "theme")
        self.keys: dict[str, str] = reader.texts(data, "keys")
        self.aliases = reader.aliases(data)
        self.targets = reader.targets(data)
        self.groups = reader.groups(data)

    def problem(self, text: str) -> ConfigError:
        """Return the error for a fault that is only found where a setting is used."""
        return ConfigError(f"{self.path}: {text}")


class _Reader:
    """Takes values out of the parsed file; raises ConfigError for invalid ones."""

    def __init__(self, path: str) -> None:
        self.path = path

    def error(self, key: str, what: str) -> ConfigError:
        return ConfigError(f"{self.path}: '{key}' {what}")

    def no_null(self, key: str, value: Any) -> None:
        """Refuse null characters, which neither files nor lines can hold.

        Raises ConfigError.
        """
        if isinstance(value, dict):
            for name, item in value.items():
                self.no_null(f"{key}.{name}" if key else name, [name, item])
        elif isinstance(value, list):
            for item in value:
                self.no_null(key, item)
        elif isinstance(value, str) and "\0" in value:
            raise self.error(key.replace("\0", "\\0"), "holds a null character")

    def known(self, prefix: str, data: Mapping[str, Any], keys: Any) -> None:
        for key in data:
            if key not in keys:
                known = ", ".join(keys)
                raise self.error(
                    f"{prefix}{key}", f"is unknown; the known keys are {known}"
                )

    def table(
        self, data: Mapping[str, Any], name: str, prefix: str = ""
    ) -> Mapping[str, Any]:
        value = data.get(name, {})
        if not isinstance(value, dict):
            key = f"{prefix}{name}"
            raise self.error(key, f"must be a table: [{key}]")
        return value

    def section(
        self, data: Mapping[str, Any], name: str, schema: dict[str, tuple[type, object]]
    ) -> dict[str, Any]:
        table = self.table(data, name)
        return self.values(f"{name}.", table, schema)

    def values(
        self, prefix: str, table: Mapping[str, Any], schema: dict[str, tuple[type, object]]
    ) -> dict[str, Any]:
        self.known(prefix, table, schema)
        found: dict[str, object] = {}
        for key, (kind, default) in schema.items():
            value = table.get(key, default)
            if value is not default and not isinstance(value, kind):
                raise self.error(prefix + key, f"must be {_TYPES[kind]}, not {value!r}")
            found[key] = value
        return found

    def texts(self, data: Mapping[str, Any], name: str) -> dict[str, str]:
        table = self.table(data, name)
        for key, value in table.items():
            if not isinstance(value, str):
                raise self.error(f"{name}.{key}", f"must be a string, not {value!r}")
        return dict(table)

    def aliases(self, data: Mapping[str, Any]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key, value in self.table(data, "aliases").items():
            lines = value if isinstance(value, list) else [value]
            if not lines or not all(isinstance(line, str) for line in lines):
                raise self.error(f"aliases.{key}", "must be a line or a list of lines")
            if not key or len(key.split()) != 1:
                raise self.error(f"aliases.{key}", "must be a single word")
            found[key] = lines
        return found

    def groups(self, data: Mapping[str, Any]) -> dict[str, list[str] | str]:
        section = self.table(data, "groups")
        for name, value in section.items():
            words = value if isinstance(value, list) else [value]
            if not all(isinstance(word, str) for word in words):
                raise self.error(f"groups.{name}", "must be a list of targets or a command")
        return dict(section)

    def targets(self, data: Mapping[str, Any]) -> dict[str, TargetConfig]:
        found: dict[str, TargetConfig] = {}
        for name in (table := self.table(data, "targets")):
            key = f"targets.{name}"
            if isinstance(table[name], str):
                raise self.error(key, f'must be a table: [{key}] with target = "…"')
            own = self.table(table, name, "targets.")
            values = self.values(f"{key}.", own, _TARGET)
            if not values["target"]:
                raise self.error(f"targets.{name}.target", "is missing")
            found[name] = TargetConfig(values["target"], values["read_only"])
        return found

    def check_prompt(self, prompt: str) -> None:
        # the usual one is known to be right, and the import takes long
        if prompt == PROMPT:
            return
        from string import Formatter

        try:
            names = {
                name for _, name, _, _ in Formatter().parse(prompt) if name is not None
            }
        except ValueError as error:
            raise self.error("session.prompt", str(error)) from error
        if names - _PLACEHOLDERS:
            known = ", ".join(sorted(_PLACEHOLDERS))
            raise self.error("session.prompt", f"accepts only these placeholders: {known}")


given: list[str] = []
"""The file of --config, which replaces the default one for all of the program; or none."""


def config_path(environment: Mapping[str, str]) -> str:
    """Return the path of the default configuration file, which need not exist."""
    if given:
        return given[-1]
    return os.path.join(config_directory(environment), "config.toml")


def load_config(path: str | None, environment: Mapping[str, str]) -> Config:
    """Read a configuration file; without path the default one, if it exists.

    Raises ConfigError.
    """
    name = path or config_path(environment)
    if path is None and not os.path.exists(name):
        return Config()
    import tomllib

    from hmp.frontends.files import read_file

    try:
        # some editors write a byte order mark
        text = read_file(name, limit=_LIMIT).decode("utf-8-sig")
        return Config(tomllib.loads(text), name)
    except OSError as error:
        raise ConfigError(f"cannot read {name}: {error.strerror}") from error
    except RecursionError as error:
        raise ConfigError(f"{name}: nested too deeply") from error
    except UnicodeDecodeError as error:
        place = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name}: line {place} is not valid UTF-8") from error
    except ValueError as error:  # not TOML, or a number with too many digits
        raise ConfigError(f"{name}: {error}") from error
