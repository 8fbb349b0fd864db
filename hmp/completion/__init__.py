"""Completion, warnings about words that match nothing, and suggestions after errors."""
