from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from hmp.frontends import history_file as history
from hmp.frontends.history_file import LineHistory


def make(path: Path | None) -> LineHistory:
    """Return a history for which lines with 'password' are secret."""
    return LineHistory(str(path) if path else None, lambda line: "password" in line)


def test_lines_come_back_newest_first(tmp_path: Path) -> None:
    """What one session wrote, the next one reads; a repeated line once."""
    first = make(tmp_path / "h")
    for line in ("a", "b", "a", "c"):
        first.add(line)

    assert make(tmp_path / "h").recent() == ["c", "a", "b"]


@pytest.mark.parametrize("line", ["", "  ", " hidden", "set password x"])
def test_what_is_not_kept(tmp_path: Path, line: str) -> None:
    """Blank, hidden and secret lines reach neither the file nor the memory."""
    made = make(tmp_path / "h")
    made.add(line)

    assert made.lines == []
    assert not (tmp_path / "h").exists()


def test_the_file_is_private(tmp_path: Path) -> None:
    """Nobody else reads it, whatever the umask says."""
    before = os.umask(0)
    try:
        make(tmp_path / "new" / "h").add("a")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "new" / "h").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_an_immediate_repetition_is_stored_once(tmp_path: Path) -> None:
    """The same line twice in a row is one entry of the file."""
    made = make(tmp_path / "h")
    made.add("a")
    made.add("a")

    assert (tmp_path / "h").read_text() == "a\n"
    assert made.lines == ["a", "a"]


def test_lines_that_were_pasted_together(tmp_path: Path) -> None:
    """Each is an entry of its own, and kept or not by itself."""
    made = make(tmp_path / "h")
    made.add("a\nset password x\n\n b\nc\n")

    assert (tmp_path / "h").read_text() == "a\nc\n"
    assert made.lines == ["a", "c"]


def _write(path: str, name: str) -> None:
    made = LineHistory(path, lambda line: False)
    for number in range(200):
        made.add(f"{name} {number}")


def test_sessions_at_once_lose_nothing(tmp_path: Path) -> None:
    """Two sessions that write at the same time keep every line whole."""
    path = str(tmp_path / "h")
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(path, name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    lines = Path(path).read_text().splitlines()
    assert sorted(lines) == sorted(f"{n} {i}" for n in "ab" for i in range(200))


def test_the_file_is_cut_to_its_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that has grown to twice the limit is cut to the limit."""
    monkeypatch.setattr(history, "LIMIT", 3)
    made = make(tmp_path / "h")
    for number in range(7):
        made.add(str(number))
    made.trim()

    assert (tmp_path / "h").read_text() == "4\n5\n6\n"


def test_an_entry_that_nobody_typed_is_passed_over(tmp_path: Path) -> None:
    """Whoever wrote the file: no entry is made of half a line, none drives a terminal."""
    (tmp_path / "h").write_bytes(b"eject a\r!touch x\ninfo name\na\x1b[2Jb\n")
    made = make(tmp_path / "h")

    assert made.recent() == ["info name"]


def test_a_file_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    """The session continues with the lines that it remembers itself."""
    (tmp_path / "file").write_text("")
    made = make(tmp_path / "file" / "h")
    made.add("a")
    made.trim()

    assert made.lines == ["a"]
    assert made.recent() == []


def test_in_memory_only() -> None:
    """Without a path nothing is written."""
    made = make(None)
    made.add("a")

    assert made.lines == ["a"]


def test_a_recalled_line_is_kept_as_itself(tmp_path: Path) -> None:
    """Not as the word that recalls it."""
    made = make(tmp_path / "h")
    for line in ("!!", "one", "two", "!0", "!!", "!7"):
        made.add(line)

    assert made.lines == ["one", "two", "one", "one"]


def test_of_a_large_file_the_end_is_read_and_kept(tmp_path: Path) -> None:
    """However large it is, the newest entries come at once."""
    path = tmp_path / "h"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # which takes no room
        file.seek(0, os.SEEK_END)
        file.write(b"\nold\nnew\n")
    made = make(path)

    assert made.recent() == ["new", "old"]
    made.trim()
    assert path.stat().st_size < 1 << 30
    assert path.read_bytes().endswith(b"\nnew\n")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/full"])
def test_a_device(device: str, tmp_path: Path) -> None:
    """Some people link their history to one."""
    path = tmp_path / "h"
    path.symlink_to(device)
    made = make(path)

    assert made.recent() == []
    made.add("a")
    made.trim()
    assert made.lines == ["a"]
