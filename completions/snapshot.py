"""Snapshots by their tag."""

from hmp.authoring import Kind

SNAPSHOT = Kind("snapshot tag")
