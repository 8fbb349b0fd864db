"""The terminal front end, and the only code that imports prompt_toolkit."""
