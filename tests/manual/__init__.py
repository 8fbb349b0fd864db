"""Writes the manual pages, docs/man: ``python -m tests.manual``.

The wheel installs them where ``man`` finds them. They are made from the command line's
options, the tables of commands, and the tables of README.md and docs/.
"""
