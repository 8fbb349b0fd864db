"""Commands of the monitor itself."""

from hmp.authoring import Kind

COMMAND = Kind("command, or info and its subcommand")
LINE = Kind("command with its arguments", line=True)
ALIAS = Kind("name of an alias")
