from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.targets.address import parse_target
from hmp.targets.socket_target import SocketTarget
from hmp.targets.ssh_master import SSHHost
from hmp.targets.ssh_mux import Destination
from hmp.targets.ssh_target import SshTarget


@pytest.mark.parametrize(
    ("text", "host", "to"),
    [
        ("ssh://h/run/vm.qmp", SSHHost("h"), Destination("/run/vm.qmp")),
        ("ssh://me@h:2222/q", SSHHost("h", "me", 2222), Destination("/q")),
        (
            "ssh://[fe80::1%25eth0]:22/q",
            SSHHost("fe80::1%eth0", "", 22),
            Destination("/q"),
        ),
        ("ssh://h/a%20b%2f:1", SSHHost("h"), Destination("/a b/:1")),
        ("h:/run/vm.qmp", SSHHost("h"), Destination("/run/vm.qmp")),
        ("me@h.example:/a b:1", SSHHost("h.example", "me"), Destination("/a b:1")),
        ("h:/a%20b", SSHHost("h"), Destination("/a%20b")),
        ("[::1]:/q", SSHHost("::1"), Destination("/q")),
        ("me@[fe80::1%eth0]:vm", SSHHost("fe80::1%eth0", "me"), "vm"),
        ("[::1]:tcp:[::1]:4", SSHHost("::1"), Destination("::1", 4)),
        ("h:unix:/q", SSHHost("h"), Destination("/q")),
        ("h:tcp:localhost:4444", SSHHost("h"), Destination("localhost", 4444)),
        ("h:vm1", SSHHost("h"), "vm1"),
        ("me@h:vm:1", SSHHost("h", "me"), "vm:1"),
        ("h:two words", SSHHost("h"), "two words"),
        ("DOM\\me@h:vm", SSHHost("h", "DOM\\me"), "vm"),
    ],
)
def test_targets(text: str, host: SSHHost, to: Destination | str) -> None:
    """A path, a TCP server or a name, on a host; written as it was typed."""
    target = parse_target(text)

    assert isinstance(target, SshTarget)
    assert (target.host, target.to) == (host, to)
    assert str(target) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ssh:h", "'ssh:h' is not ssh://[USER@]HOST[:PORT]/PATH"),
        ("ssh://h", "is not ssh://[USER@]HOST[:PORT]/PATH"),
        ("ssh://::1/q", "/PATH; an IPv6 address needs brackets"),
        ("ssh://h:0/q", "'0' is not a TCP port"),
        ("ssh://h:99999/q", "'99999' is not a TCP port"),
        ("ssh:///q", "'' is not the name of a host"),
        ("ssh://-oProxyCommand=x/q", "'-oProxyCommand=x' is not the name of a host"),
        ("ssh://-lroot@h/q", "'-lroot' is not the name of a user"),
        ("ssh://$(x)@h/q", "'$(x)' is not the name of a user"),
        ("ssh://@h/q", "'' is not the name of a user"),
        ("ssh://h/%00", "a path cannot contain a NUL character"),
        ("-oProxyCommand=x:/q", "'-oProxyCommand=x' is not the name of a host"),
        ("h;reboot:vm", "'h;reboot' is not the name of a host"),
        ("`x`:vm", "'`x`' is not the name of a host"),
        ("h:a/b", "'a/b': a path on another host must begin with '/'"),
        ("h:", "'h:' is a host: name a machine of it, as in h:NAME; hmp --list h: shows"),
        ("exec:", "'exec:' needs a command"),
        ("exec:  ", "'exec:' needs a command"),
        ("exec:a 'b", "no closing quotation"),
        ("exec:a\0b", "a command cannot contain a NUL character"),
    ],
)
def test_targets_that_are_wrong(text: str, reason: str) -> None:
    """Nothing that looks like an option, or means something to a shell, is a name."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        parse_target(text)


@pytest.mark.parametrize("text", ["h:vm", "h:1x", "me@h:vm"])
def test_a_file_that_exists_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """So does one that is a link to nothing, since it was meant."""
    monkeypatch.chdir(tmp_path)
    os.symlink("nothing", text)

    target = parse_target(text)

    assert isinstance(target, SocketTarget)
    assert target.path == text


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from([":", ":/", "@h:"]))
def test_any_text(before: str, after: str, between: str) -> None:
    """It is a target or an error, and what reaches ssh is no option and safe in a shell."""
    try:
        target = parse_target(f"{before}{between}{after}")
    except ValueError:
        return
    if isinstance(target, SshTarget):
        assert not re.search(r"[\s'\"`$;&<>|(){}!*?]", f"{target.host}")
        assert not target.host.name.startswith("-")
        assert not target.host.user.startswith("-")


def test_a_host_in_words() -> None:
    """As a target has it, as ssh's arguments, and as one logs in by hand."""
    host = SSHHost("::1", "me", 2222)

    assert str(host) == "me@[::1]:2222"
    assert host.options() == ["-l", "me", "-p", "2222", "--", "::1"]
    assert host.login() == "ssh -p 2222 me@::1"
    assert SSHHost("h").options() == ["--", "h"]
