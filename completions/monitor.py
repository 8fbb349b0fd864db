"""The monitor's own commands, lines and aliases."""

from completions.sentences import MEMBERS
from hmp.authoring import Kind

COMMAND = Kind("command, or info and a subcommand")
FIELD = Kind("number of the last result", MEMBERS.items(), seen=True)
WATCHED = Kind(
    "command with its arguments",
    line=True,
    piped=True,
    options={"-n": Kind("seconds between two looks"), "--plot": FIELD},
)
LINE = Kind("command with its arguments", line=True, piped=True)
EXPLAINED = Kind("command with its arguments", line=True)
ALIAS = Kind("name of an alias")
