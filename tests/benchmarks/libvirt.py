"""The libvirt door against libvirt-python: commands a second of one domain."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tests.qemu.libvirtd import TestedDomain, libvirtd

COUNT = 500
PEER = """
import sys, time, libvirt, libvirt_qemu
domain = libvirt.open("qemu:///system").lookupByName(sys.argv[1])
count = int(sys.argv[2])
begun = time.perf_counter()
for _ in range(count):
    libvirt_qemu.qemuMonitorCommand(domain, '{"execute":"query-status"}', 0)
print(count / (time.perf_counter() - begun))
"""
SYSTEM_PYTHON = "/usr/bin/python3"
"""The interpreter that Debian's python3-libvirt is for."""


def measured(command: list[str], rounds: int) -> tuple[list[float], list[float]]:
    """Return what both reach in turn: our piped ``info status`` lines, and the peer."""
    ours, peer = [], []
    with libvirtd():
        domain = TestedDomain(f"hmp-figure-{os.getpid()}", command, paused=True)
        try:
            for _ in range(rounds):
                ours.append(_ours(domain))
                peer.append(_peer(domain))
        finally:
            domain.close()
    return ours, peer


def _ours(domain: TestedDomain) -> float:
    """Return the lines a second of a script; its start counts for us, not for the peer."""
    command = [sys.executable, "-m", "hmp", domain.target]
    data = b"info status\n" * COUNT
    begun = time.perf_counter()
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True)
    assert done.stdout.count(b"\n") == COUNT
    return COUNT / (time.perf_counter() - begun)


def _peer(domain: TestedDomain) -> float:
    command = [SYSTEM_PYTHON, "-c", PEER, domain.name, str(COUNT)]
    return float(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
