"""How a machine is found, started and reached."""
