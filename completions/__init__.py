"""Kinds of things that arguments name, one file a kind."""
