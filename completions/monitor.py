"""Commands of the monitor itself."""

from hmp.authoring import Kind

COMMAND = Kind("command, or info and its subcommand")
