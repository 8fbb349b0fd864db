"""Many machines at once: sets of targets, scripts on all of them, and their reports."""
