"""Machines for agents: a Model Context Protocol server on standard streams."""
