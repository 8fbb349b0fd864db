"""The program ``hmp``: options, configuration, paths, shell completion, `main`."""
