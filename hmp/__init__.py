"""The engine of the human monitor: language, tables, dispatch and front ends."""
