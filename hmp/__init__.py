"""The engine of the human monitor: language, tables, dispatch and front ends."""

__version__ = "0.1.0"
version_info = (0, 1, 0)
"""The same in numbers: major, minor, micro."""
