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
    """Return the lines a second of a script that is connected, as the peer is."""
    command = [sys.executable, "-m", "hmp", domain.target]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as script:
        assert script.stdin is not None
        assert script.stdout is not None
        script.stdin.write(b"info status\n")
        script.stdin.flush()
        script.stdout.readline()
        begun = time.perf_counter()
        script.stdin.write(b"info status\n" * COUNT)
        script.stdin.flush()
        for _ in range(COUNT):
            assert script.stdout.readline()
        # like the peer's, without the end of the program
        return COUNT / (time.perf_counter() - begun)


def _peer(domain: TestedDomain) -> float:
    command = [SYSTEM_PYTHON, "-c", PEER, domain.name, str(COUNT)]
    return float(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
