"""The embedded machine: a schema, and the functions that implement its commands."""
