"""Names of libvirt's domains; no libvirt is needed here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hmp.qmp.errors import ConnectError
from hmp.targets import libvirt_library, libvirt_target
from hmp.targets.address import parse_target
from hmp.targets.libvirt_ssh import our_ssh
from hmp.targets.libvirt_target import DomainTarget


@pytest.mark.parametrize(
    ("text", "uri", "name"),
    [
        ("qemu:///system/vm", "qemu:///system", "vm"),
        ("qemu:///session/vm", "qemu:///session", "vm"),
        ("qemu+ssh://me@host:22/system/vm", "qemu+ssh://me@host:22/system", "vm"),
        ("qemu+tls://host/system/my%20vm", "qemu+tls://host/system", "my vm"),
        (
            "qemu+unix:///system/vm?socket=/run/x",
            "qemu+unix:///system?socket=/run/x",
            "vm",
        ),
        (
            "qemu+libssh2://[::1]/system/vm?k=v&l=w",
            "qemu+libssh2://[::1]/system?k=v&l=w",
            "vm",
        ),
    ],
)
def test_uris_end_with_the_domain(text: str, uri: str, name: str) -> None:
    """libvirt gets its own URI back."""
    target = parse_target(text)

    assert isinstance(target, DomainTarget)
    assert (target.uris, target.name, str(target)) == ((uri,), name, text)


@pytest.mark.parametrize(
    "text",
    ["qemu:///system", "qemu:///system/", "qemu:vm", "qemu+ssh://host/vm", "libvirt:"],
)
def test_a_domain_is_needed(text: str) -> None:
    """The error says what is missing."""
    with pytest.raises(ValueError, match="domain"):
        parse_target(text)


def test_the_users_own_uri_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does for virsh."""
    monkeypatch.setenv("LIBVIRT_DEFAULT_URI", "qemu+ssh://far/system")
    target = parse_target("libvirt:vm")

    assert isinstance(target, DomainTarget)
    assert target.uris == ("qemu+ssh://far/system",)
    assert not target.local
    assert target.limit > 10


def test_without_libvirt_nothing_of_it_is_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A name costs a look at four paths."""
    monkeypatch.setattr(libvirt_target, "_DAEMONS", ("no-such-socket",))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "hmp.targets.libvirt_library", None)

    assert libvirt_target.find_domain("vm") is None


@pytest.fixture
def no_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A host without libvirt's library."""
    monkeypatch.setattr(libvirt_library, "_LIBRARY", "libno-such-thing.so.0")
    libvirt_library.load.cache_clear()
    yield
    libvirt_library.load.cache_clear()


@pytest.mark.usefixtures("no_library")
def test_a_missing_library_is_named() -> None:
    """With the packages that have it."""
    with pytest.raises(ConnectError, match=r"install libvirt0 \(Debian"):
        parse_target("libvirt:vm").open()


def test_the_ssh_of_a_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is $HMP_SSH with its options, unless the URI names another or none is set."""
    uri = "qemu+ssh://h/system"
    monkeypatch.delenv("HMP_SSH", raising=False)
    with our_ssh(uri) as same:
        assert same == uri
    monkeypatch.setenv("HMP_SSH", "echo '-F my config'")
    with our_ssh(f"{uri}?command=x") as same:
        assert same == f"{uri}?command=x"
    with our_ssh(f"{uri}?no_tty=1") as ours:
        path = ours.removeprefix(f"{uri}?no_tty=1&command=")
        shown = subprocess.run([path, "h", "a b"], stdout=subprocess.PIPE, text=True)
    assert shown.stdout == "-F my config h a b\n"
    assert not os.path.exists(path)
