"""The table of the ``info`` subcommands, one file a subsystem."""
