"""The terminal front end, the only one that imports prompt_toolkit."""
