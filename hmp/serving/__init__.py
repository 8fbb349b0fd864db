"""A machine's monitors opened to others: QMP and HMP over sockets, in an event loop."""
