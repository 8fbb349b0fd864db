"""The names that the files of ``commands/``, ``info/`` and ``completions/`` import.

Each is imported from its module when a file first asks for it, so that a run of one command
does not load what the others need.
"""

from __future__ import annotations

from hmp import imported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hmp.display import views
    from hmp.display.json_text import pretty
    from hmp.display.screenshot import screen_text
    from hmp.frontends.config import load_config
    from hmp.language.keyval import AmbiguousIndexError, nested, parse_keyval
    from hmp.language.qdict import QDict
    from hmp.language.qemu_opts import OptionsError, parse_options
    from hmp.language.size import SizeError, read_size, size_text
    from hmp.language.words import (
        BLANKS,
        WordError,
        as_argument,
        read_word,
        split_words,
        unquote,
    )
    from hmp.monitor import releases
    from hmp.monitor.call import Call, Text
    from hmp.monitor.coerce import (
        execute_coerced,
        is_refusal,
        may_forward,
        read_json,
        read_switch,
    )
    from hmp.monitor.declare import Declaration, command, info
    from hmp.monitor.entry import CHANGE, DESTRUCTIVE, READ
    from hmp.monitor.error_blocks import bare_errors, known_word
    from hmp.monitor.errors import (
        CommandError,
        CommandFailedError,
        UsageError,
        refusal,
    )
    from hmp.monitor.fatal import refuse_fatal, sandbox_risk
    from hmp.monitor.integers import (
        CoercionError,
        check_member,
        plain_integer,
        plain_size,
    )
    from hmp.monitor.jobs import JobError, name_of_ours, run_blocking, run_job, wait_until
    from hmp.monitor.kinds import (
        Kind,
        Word,
        after_scheme,
        last_part,
        natural,
        option_part,
        value_of,
    )
    from hmp.monitor.long_options import seconds, take_leading, take_options
    from hmp.monitor.monitor import Monitor
    from hmp.monitor.other_machine import other_machine
    from hmp.monitor.passthrough import forward_line, query_text, run_line
    from hmp.monitor.waiting import Limit, sleep
    from hmp.qmp.connection import Connection
    from hmp.qmp.errors import (
        BAD_CPU,
        BadReplyError,
        MachineGoneError,
        NoReplyError,
        QMPError,
    )
    from hmp.qmp.executes import Empty
    from hmp.qmp.introspected import Introspected
    from hmp.qmp.secret_names import secret_property
    from hmp.qmp.secrets import mask_line
    from hmp.qmp.shapes import needed
    from hmp.targets.folder import working_folder
    from hmp.targets.run_states import machines_here
    from hmp.targets.ssh_host import machines_of

__all__ = [
    "BAD_CPU",
    "BLANKS",
    "CHANGE",
    "DESTRUCTIVE",
    "READ",
    "AmbiguousIndexError",
    "BadReplyError",
    "Call",
    "CoercionError",
    "CommandError",
    "CommandFailedError",
    "Connection",
    "Declaration",
    "Empty",
    "Introspected",
    "JobError",
    "Kind",
    "Limit",
    "MachineGoneError",
    "Monitor",
    "NoReplyError",
    "OptionsError",
    "QDict",
    "QMPError",
    "SizeError",
    "Text",
    "UsageError",
    "Word",
    "WordError",
    "after_scheme",
    "as_argument",
    "bare_errors",
    "check_member",
    "command",
    "execute_coerced",
    "forward_line",
    "info",
    "is_refusal",
    "known_word",
    "last_part",
    "load_config",
    "machines_here",
    "machines_of",
    "mask_line",
    "may_forward",
    "name_of_ours",
    "natural",
    "needed",
    "nested",
    "option_part",
    "other_machine",
    "parse_keyval",
    "parse_options",
    "plain_integer",
    "plain_size",
    "pretty",
    "query_text",
    "read_json",
    "read_size",
    "read_switch",
    "read_word",
    "refusal",
    "refuse_fatal",
    "releases",
    "run_blocking",
    "run_job",
    "run_line",
    "sandbox_risk",
    "screen_text",
    "seconds",
    "secret_property",
    "size_text",
    "sleep",
    "split_words",
    "take_leading",
    "take_options",
    "unquote",
    "value_of",
    "views",
    "wait_until",
    "working_folder",
]

_PLACES = {
    "hmp.display.json_text": "pretty",
    "hmp.display.screenshot": "screen_text",
    "hmp.language.keyval": "AmbiguousIndexError nested parse_keyval",
    "hmp.language.qemu_opts": "OptionsError parse_options",
    "hmp.language.qdict": "QDict",
    "hmp.language.size": "SizeError read_size size_text",
    "hmp.language.words": "BLANKS WordError as_argument read_word split_words unquote",
    "hmp.monitor.call": "Call Text",
    "hmp.monitor.coerce": "execute_coerced is_refusal may_forward read_json read_switch",
    "hmp.monitor.declare": "Declaration command info",
    "hmp.monitor.entry": "CHANGE DESTRUCTIVE READ",
    "hmp.monitor.errors": "CommandError CommandFailedError UsageError refusal",
    "hmp.monitor.error_blocks": "bare_errors known_word",
    "hmp.monitor.fatal": "refuse_fatal sandbox_risk",
    "hmp.monitor.integers": "CoercionError check_member plain_integer plain_size",
    "hmp.monitor.jobs": "JobError name_of_ours run_blocking run_job wait_until",
    "hmp.frontends.config": "load_config",
    "hmp.targets.folder": "working_folder",
    "hmp.targets.run_states": "machines_here",
    "hmp.targets.ssh_host": "machines_of",
    "hmp.monitor.kinds": "Kind Word after_scheme last_part natural option_part value_of",
    "hmp.monitor.long_options": "seconds take_leading take_options",
    "hmp.monitor.monitor": "Monitor",
    "hmp.monitor.other_machine": "other_machine",
    "hmp.monitor.passthrough": "forward_line query_text run_line",
    "hmp.monitor.waiting": "Limit sleep",
    "hmp.qmp.connection": "Connection",
    "hmp.qmp.errors": "BAD_CPU BadReplyError MachineGoneError NoReplyError QMPError",
    "hmp.qmp.executes": "Empty",
    "hmp.qmp.introspected": "Introspected",
    "hmp.qmp.secret_names": "secret_property",
    "hmp.qmp.secrets": "mask_line",
    "hmp.qmp.shapes": "needed",
}
"""The names by module, as the imports above tell type checkers; a test compares both."""
_LATE = {"releases": "hmp.monitor.releases", "views": "hmp.display.views"}
"""Modules that are themselves such names."""
_MODULES = {name: module for module, names in _PLACES.items() for name in names.split()}


class _Late:
    """A module that is imported on first use."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(imported(self.name), attribute)


def __getattr__(name: str) -> Any:
    """Return a name of this module that nothing has asked for yet."""
    if name in _LATE:
        value: Any = _Late(_LATE[name])
    elif name in _MODULES:
        value = getattr(imported(_MODULES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value
