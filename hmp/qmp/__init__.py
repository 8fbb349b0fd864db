"""The QMP layer: wire codec, connections to machines, errors, secrets."""

RUN_LINE = "human-monitor-command"
"""The QMP command that runs a line of QEMU's own monitor."""
