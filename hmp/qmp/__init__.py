"""The QMP layer: wire codec, connections to machines, errors, secrets."""
