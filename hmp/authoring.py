"""The names that the files of ``commands/``, ``info/`` and ``completions/`` import."""

from hmp.display import views
from hmp.display.json_text import pretty
from hmp.language.keyval import AmbiguousIndexError, nested, parse_keyval
from hmp.language.options import OptionsError, parse_options
from hmp.language.qdict import QDict
from hmp.language.size import SizeError, read_size, size_text
from hmp.language.words import BLANKS, WordError, read_word, split_words, unquote
from hmp.monitor import releases
from hmp.monitor.coerce import (
    CoercionError,
    execute_coerced,
    is_refusal,
    may_forward,
    plain_integer,
    plain_size,
    read_json,
    read_switch,
)
from hmp.monitor.declare import command, info
from hmp.monitor.entry import CHANGE, DESTRUCTIVE, READ, Entry
from hmp.monitor.errors import (
    CommandError,
    CommandFailedError,
    UsageError,
    bare_errors,
    known_word,
)
from hmp.monitor.jobs import JobError, name_of_ours, run_blocking, run_job, wait_until
from hmp.monitor.kinds import Kind, Word, last_part, option_part
from hmp.monitor.long_options import seconds, take_leading, take_options
from hmp.monitor.monitor import Call, Monitor
from hmp.monitor.passthrough import Text, forward_line, query_text
from hmp.monitor.waiting import Limit, sleep
from hmp.qmp.connection import Connection
from hmp.qmp.errors import BadReplyError, MachineGoneError, QMPError
from hmp.qmp.executes import Empty
from hmp.qmp.introspected import Introspected
from hmp.qmp.secrets import mask_line, secret_property
from hmp.qmp.shapes import needed

__all__ = [
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
    "Empty",
    "Entry",
    "Introspected",
    "JobError",
    "Kind",
    "Limit",
    "MachineGoneError",
    "Monitor",
    "OptionsError",
    "QDict",
    "QMPError",
    "SizeError",
    "Text",
    "UsageError",
    "Word",
    "WordError",
    "bare_errors",
    "command",
    "execute_coerced",
    "forward_line",
    "info",
    "is_refusal",
    "known_word",
    "last_part",
    "mask_line",
    "may_forward",
    "name_of_ours",
    "needed",
    "nested",
    "option_part",
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
    "releases",
    "run_blocking",
    "run_job",
    "seconds",
    "secret_property",
    "size_text",
    "sleep",
    "split_words",
    "take_leading",
    "take_options",
    "unquote",
    "views",
    "wait_until",
]
