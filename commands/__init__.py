"""The monitor's command table, one file a subsystem."""
