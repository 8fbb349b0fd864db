"""The monitor's own commands, lines and aliases."""

from hmp.authoring import Kind

COMMAND = Kind("command, or info and a subcommand")
LINE = Kind("command with its arguments", line=True, piped=True)
EXPLAINED = Kind("command with its arguments", line=True)
ALIAS = Kind("name of an alias")
