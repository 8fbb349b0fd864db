"""What can stand at the end of a line, what is wrong with it, what was meant."""
