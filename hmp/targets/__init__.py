"""Finding, starting and connecting to machines."""
