"""Kinds of arguments and the words that complete them, one file per subject."""
