"""A table entry: the full description of one command, checked when it is made.

`hmp.monitor.declare` makes entries from the declarations in ``commands/`` and ``info/``;
parsing, help, completion and execution all read them. An entry that exists is valid.
"""

from __future__ import annotations

from collections.abc import Mapping

from hmp import is_coroutine
from hmp.language.args_type import ArgsTypeError, compile_args_type, derive_params
from hmp.qmp import RUN_LINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from typing import Any, Generic, Literal, NoReturn, TypeVar

    from hmp.monitor.kinds import Kind, Look, Word

    Effect = Literal["read", "change", "destructive"]
    Need = Literal["", "qmp", "events", "agent"]
    # the type of an entry's value, which its handler returns and its presentations take
    V = TypeVar("V")
else:
    from hmp import Generic

    V = None

READ: Literal["read"] = "read"
CHANGE: Literal["change"] = "change"
DESTRUCTIVE: Literal["destructive"] = "destructive"

_STRINGS = (
    "name",
    "args_type",
    "params",
    "help",
    "about",
    "words",
    "example",
    "outcome",
    "failure",
    "needs",
    "asks",
)
_TYPES: tuple[tuple[tuple[str, ...], type, str], ...] = (
    (_STRINGS, str, "be a string"),
    (("checks", "after_preconfig"), bool, "be True or False"),
    (("arguments",), Mapping, "map parts of params to explanations"),
    (("kinds", "samples"), Mapping, "map argument keys to kinds"),
)
"""Fields, the type that their values must have, and how an error says it."""


class TableError(ValueError):
    """An invalid table entry; the text names it and gives the reason."""


class Entry(Generic[V]):
    """One command of a table.

    name: as in QEMU's tables, aliases after ``|``; names: the words. parameters:
    the compiled args_type. params: as help shows them. help: one line. arguments: what
    the parts of params mean, by their text there; an argument whose key params shows
    is explained by its kind otherwise. about: paragraphs for the help page, which teach
    what the line cannot. words: phrases that people search for, separated by commas.
    example: a line; ``{key}`` in it becomes the first word of that argument's kind on
    the machine at hand, and ``{$pc}``, ``{$sp}`` for those registers. samples: other kinds
    for the parts of the example. outcome: what a destructive command does, for the
    question whether to continue. effect:
    READ, CHANGE or DESTRUCTIVE. qmp: the QMP commands it calls, first the one that it
    requires. kinds: the kinds of things that arguments name, by key. secrets: keys whose
    values must not be stored. handler: None for a passthrough. failure: a regular
    expression that marks a passthrough's text as a failure, in addition to the general
    rules. source: FILE:LINE of its declaration. subtable: set for a command with
    subcommands. textual: whether its value is always text for people. needs: what the
    connection must carry, "qmp", "events" or "agent"; empty if QEMU's own monitor has the
    command, or it needs nothing. asks: a regular expression of the lines after
    which QEMU's own monitor would ask for a password. checks: whether its handler refuses
    lines that would crash QEMU's own monitor. after_preconfig: whether QEMU's own monitor
    refuses it until the machine exists, while its QMP commands would be carried out; see
    `hmp.monitor.preconfig`.
    """

    __slots__ = (
        "about",
        "after_preconfig",
        "args_type",
        "arguments",
        "asks",
        "category",
        "checks",
        "effect",
        "example",
        "failure",
        "foreseen",
        "handler",
        "help",
        "kinds",
        "name",
        "names",
        "needs",
        "outcome",
        "parameters",
        "params",
        "qmp",
        "samples",
        "secrets",
        "source",
        "subtable",
        "text_function",
        "textual",
        "view_function",
        "words",
    )

    def __init__(
        self,
        name: str,
        handler: Callable[..., Coroutine[Any, Any, V]] | None,
        *,
        args_type: str = "",
        params: str | None = None,
        help: str,  # noqa: A002 - the field's word for it
        arguments: Mapping[str, str] | None = None,
        about: str = "",
        words: str = "",
        effect: Effect = CHANGE,
        qmp: Iterable[str] = (),
        kinds: Mapping[str, Kind] | None = None,
        secrets: Iterable[str] = (),
        example: str = "",
        samples: Mapping[str, Kind] | None = None,
        outcome: str = "",
        failure: str = "",
        needs: Need = "",
        asks: str = "",
        checks: bool = False,
        after_preconfig: bool = False,
        source: str = "",
    ) -> None:
        """Make an entry that is not in a table yet. Raises TableError."""
        self.name = name
        self.handler = handler
        self.args_type = args_type
        self.params = params or ""
        self.help = help
        self.arguments = arguments or {}
        self.about = about
        self.words = words
        self.effect: Effect = effect
        self.qmp = _words(name, "qmp", qmp)
        self.kinds = kinds or {}
        self.secrets = _words(name, "secrets", secrets)
        self.example = example
        self.samples = samples or {}
        self.outcome = outcome
        self.failure = failure
        self.needs = needs
        self.asks = asks
        self.checks = checks
        self.after_preconfig = after_preconfig
        self.category = ""
        self.source = source
        self.subtable: Table | None = None
        # what these three take, `hmp.monitor.declare` has the types of: monitors and calls
        # have entries, so that an entry cannot name them
        self.text_function: Callable[..., Iterable[str]] | None = None
        self.view_function: Callable[..., Any] | None = None
        self.foreseen: Callable[..., Coroutine[Any, Any, str]] | None = None
        self._check_types()
        self.names = tuple(name.split("|"))
        try:
            self.parameters = compile_args_type(args_type)
        except ArgsTypeError as error:
            self._refuse(str(error))
        if params is None:
            self.params = derive_params(self.parameters)
        self._check()
        self.textual = self.passthrough

    def _refuse(self, why: str) -> NoReturn:
        raise TableError(f"'{self.name}': {why}")

    def _check_types(self) -> None:
        for fields, type_, what in _TYPES:
            for field in fields:
                if not isinstance(getattr(self, field), type_):
                    self._refuse(f"{field} must {what}")

    def _check(self) -> None:
        self._check_names()
        if not self.help or "\n" in self.help:
            self._refuse("help must be one line, and not empty")
        if self.effect not in (READ, CHANGE, DESTRUCTIVE):
            known = "READ, CHANGE and DESTRUCTIVE of hmp.authoring"
            self._refuse(f"unknown effect {self.effect!r}; the effects are {known}")
        if self.needs not in ("", "qmp", "events", "agent"):
            self._refuse(f"unknown need {self.needs!r}")
        self._check_arguments()
        if not (self.handler is None or is_coroutine(self.handler, 2)):
            self._refuse("the handler must be 'async def (mon, args)'")
        for field in ("failure", "asks"):
            if getattr(self, field):
                self._check_pattern(field)

    def _check_names(self) -> None:
        for name in self.names:
            # an identifier of ASCII, with "-" within it and "?" anywhere
            plain = name[:1].replace("-", " ") + name[1:].replace("-", "_")
            if not (plain.replace("?", "_").isidentifier() and plain.isascii()):
                self._refuse(f"'{name}' is not a valid command name")
        if len(set(self.names)) < len(self.names):
            self._refuse("a name is given twice")

    def _check_arguments(self) -> None:
        """Check what the entry says of its arguments."""
        for part, meaning in self.arguments.items():
            if not meaning or part not in self.params:
                self._refuse(f"'{part}' explains no part of params, '{self.params}'")
        keys = {parameter.key for parameter in self.parameters}
        for field, named in (("kinds", self.kinds), ("secrets", self.secrets)):
            for key in named:
                if key not in keys:
                    hint = or_meant(key, keys)
                    self._refuse(f"{field}: no argument '{key}' in args_type{hint}")
        if self.kinds or self.samples:
            self._check_kinds()

    def _check_kinds(self) -> None:
        from hmp.monitor.kinds import Kind  # late, since many entries have none

        for key, kind in (*self.kinds.items(), *self.samples.items()):
            if not isinstance(kind, Kind):
                self._refuse(f"the kind of '{key}' is not a Kind, but {kind!r}")

    def _check_pattern(self, field: str) -> None:
        import re  # late, since most entries have none

        try:
            re.compile(getattr(self, field))
        except re.error as error:
            self._refuse(f"{field} is not a regular expression: {error}")

    @property
    def usual_outcome(self) -> str | None:
        """What a line does in general, for the question; None if it needs no question."""
        return self.outcome if self.effect == DESTRUCTIVE else None

    @property
    def asks_user(self) -> bool:
        """Whether a user may be asked before a line is run."""
        return self.effect == DESTRUCTIVE or self.foreseen is not None

    @property
    def passthrough(self) -> bool:
        """Whether only QEMU's own monitor can run it."""
        return self.handler is None or self.qmp == (RUN_LINE,)

    def __repr__(self) -> str:
        return f"Entry({self.name!r})"


class Table:
    """Entries by each of their names."""

    def __init__(self, entries: Iterable[Entry[Any]] = ()) -> None:
        self.by_name: dict[str, Entry[Any]] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry[Any]) -> None:
        """Add an entry; twice has no effect. Raises TableError for a taken name."""
        for name in entry.names:
            other = self.by_name.setdefault(name, entry)
            if other is not entry:
                raise TableError(f"{entry.source}: {twice(name, other)}")

    def get(self, name: str) -> Entry[Any] | None:
        """Return the entry with that name or alias, or None."""
        return self.by_name.get(name)

    def names(self) -> Iterable[str]:
        """Return all names and aliases."""
        return self.by_name

    def secret_names(self) -> Iterable[str]:
        """Return the names of the loaded commands that declare a secret argument."""
        return [name for name, entry in self.by_name.items() if entry.secrets]

    def short_forms(self, typed: str, look: Look) -> Iterable[Word]:
        """Return what may begin a line besides the names; look: knows words of a kind."""
        return ()

    def __iter__(self) -> Iterator[Entry[Any]]:
        """Iterate over the entries, each once, in bytewise order of their names."""
        return iter(sorted(set(self.by_name.values()), key=lambda entry: entry.name))

    def __len__(self) -> int:
        return len(set(self.by_name.values()))


def or_meant(word: str, known: Iterable[str]) -> str:
    """Return the end of an author's error about a word, with the nearest known one."""
    from difflib import get_close_matches  # late, since few entries are wrong

    near = get_close_matches(word, known, 1)
    return f"; did you mean '{near[0]}'?" if near else ""


def twice(name: str, other: Entry[Any]) -> str:
    """Return the message for a name that another entry already has."""
    there = f" (at {other.source})" if other.source else ""
    return f"'{name}' is already declared{there}"


def _words(name: str, field: str, value: Iterable[str]) -> tuple[str, ...]:
    """Return a field's strings. Raises TableError for a bare string or other items."""
    words = () if isinstance(value, str) else tuple(value)
    if isinstance(value, str) or not all(isinstance(word, str) for word in words):
        raise TableError(f"'{name}': {field} must be a list of strings")
    return words
