"""A line's way: parsed by its table entry, run on a machine, its result kept."""
