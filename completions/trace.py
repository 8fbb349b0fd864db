"""Trace events, by name or by a pattern."""

from hmp.authoring import Kind

TRACE_EVENT = Kind("trace event")
