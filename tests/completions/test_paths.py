"""Files wherever a file name goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from completions.defaults import KINDS
from hmp.frontends.line_candidates import line_candidates
from hmp.frontends.script import drive
from hmp.monitor.kinds import Kind, Word
from tests.completions.helpers import lines
from tests.fakes import FakeConnection, tables


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with some files."""
    for name in ("disk.qcow2", "my disk.qcow2", "a,b"):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "before",
    [
        "drive_add 0 if=none,file=",
        "chardev-add file,id=c,path=",
        "chardev-add null,logfile=",
        "nbd_server_start unix:",
        "migrate -d unix:",
        "migrate file:",
        "object_add secret,id=s,file=",
        *(f"netdev_add tap,id=n,{key}=" for key in ("script", "downscript", "helper")),
        *(f"netdev_add x,id=n,{key}=" for key in ("path", "smb", "sock", "tftp")),
        *(f"object_add x,id=s,{key}=" for key in ("dir", "filename", "mem-path", "path")),
        "chardev-add file,id=c,input-path=",
    ],
)
def test_files_after_a_key_or_a_scheme(folder: Path, before: str) -> None:
    """From the folder that was typed so far."""
    answers: dict[str, Any] = {"query-chardev-backends": []}

    assert f"{before}{folder}/disk.qcow2" in lines(f"{before}{folder}/d", answers)
    assert f"{before}{folder}/sub/" in lines(f"{before}{folder}/s", answers)


def test_files_in_a_shell_command(folder: Path) -> None:
    """Only names that a shell reads as they are."""
    (folder / "x;reboot").touch()
    (folder / "xyz").touch()

    assert lines(f'migrate "exec:cat > {folder}/x', {}) == [
        f'migrate "exec:cat > {folder}/xyz"'
    ]
    assert lines(f'migrate_incoming "exec:cat {folder}/my', {}) == []


@pytest.mark.parametrize(
    "before",
    [
        "screendump filename=",
        "blockdev-add driver=file filename=",
        "blockdev-add driver=qcow2 file.driver=file file.filename=",
        "drive-mirror device=d target=",
        "object-add qom-type=secret id=s file=",
        "migrate uri=file:",
        "dump-guest-memory paging=false protocol=file:",
        "nbd-server-start addr.type=unix addr.data.path=",
        '{"execute": "screendump", "arguments": {"filename": "',
    ],
)
def test_files_in_raw_qmp(folder: Path, before: str) -> None:
    """Members that QEMU opens as files."""
    found = lines(f"qmp {before}{folder}/d", {})

    assert f"qmp {before}{folder}/disk.qcow2" in found


@pytest.mark.parametrize(
    "before",
    [
        "qom-get path=",
        "guest-file-open path=",
        "migrate uri=tcp:",
        "blockdev-del node-name=",
    ],
)
def test_other_members_are_no_files(folder: Path, before: str) -> None:
    """Paths of QOM and of the guest, addresses, names."""
    answers: dict[str, Any] = {
        "query-block": [],
        "query-named-block-nodes": [],
        "query-qmp-schema": [],
    }

    assert lines(f"qmp {before}{folder}/d", answers) == []


def test_names_with_blanks(folder: Path) -> None:
    """They are among the others, in quotes."""
    found = lines(f"change cd0 {folder}/", {"query-block": []})

    assert f'change cd0 "{folder}/my disk.qcow2"' in found
    assert f"change cd0 {folder}/disk.qcow2" in found
    assert lines(f"change cd0 {folder}/my", {"query-block": []}) == [
        f'change cd0 "{folder}/my disk.qcow2"'
    ]


@pytest.mark.parametrize("before", ["!ls ", "info block | tee ", "!cat x | wc "])
def test_files_in_shell_commands(folder: Path, before: str) -> None:
    """Written as the shell reads them."""
    machine = FakeConnection({})

    def look(kind: Kind, context: str) -> list[Word]:
        assert kind.fetch is not None
        found: list[Word] = drive(kind.fetch(machine, context))  # type: ignore[arg-type]
        return found

    def completed(text: str) -> list[str]:
        found = line_candidates(text, tables(), {}, look, KINDS)
        return [text[: c.start] + c.text for c in found]

    assert completed(f"{before}{folder}/d") == [f"{before}{folder}/disk.qcow2"]
    assert completed(f"{before}{folder}/my") == [f"{before}{folder}/my\\ disk.qcow2"]
    assert completed(f"{before}{folder}/my\\ d") == [f"{before}{folder}/my\\ disk.qcow2"]
