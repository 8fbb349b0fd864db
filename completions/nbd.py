"""Exports of the NBD server."""

from hmp.authoring import Kind

EXPORT = Kind("export name")
