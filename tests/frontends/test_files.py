"""Files that users name, as written and read by every front end."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.frontends.files import write_file


def test_a_fifo_without_a_reader_is_given_up(tmp_path: Path) -> None:
    """After ``--timeout``, as whatever else waits."""
    os.mkfifo(tmp_path / "fifo")

    with pytest.raises(TimeoutError) as caught:
        write_file(str(tmp_path / "fifo"), "text", append=False, seconds=0.05)

    assert caught.value.strerror == "it was not read within the time limit"


def test_a_fifo_whose_reader_stops_is_given_up(tmp_path: Path) -> None:
    """It has read nothing, and the text is longer than a pipe holds."""
    os.mkfifo(tmp_path / "fifo")
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)

    with pytest.raises(TimeoutError):
        write_file(str(tmp_path / "fifo"), "text" * 100_000, append=False, seconds=0.05)

    os.close(reader)


def descriptors() -> int:
    """Return how many files this process has open."""
    return len(os.listdir("/dev/fd"))


def test_a_file_is_closed_in_the_end(tmp_path: Path) -> None:
    """However it ends; a session may write thousands."""
    os.mkfifo(tmp_path / "fifo")
    before = descriptors()
    write_file(str(tmp_path / "file"), "text", append=False)
    write_file(str(tmp_path / "file"), "more", append=True)
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(TimeoutError):
        write_file(str(tmp_path / "fifo"), "text" * 100_000, append=False, seconds=0.05)
    os.close(reader)
    with pytest.raises(IsADirectoryError):
        write_file(str(tmp_path), "text", append=False)

    assert (tmp_path / "file").read_text() == "textmore"
    assert descriptors() == before


@given(st.text(st.characters(), max_size=40))
def test_a_long_text_is_written_whole(text: str) -> None:
    """Whatever stands where a piece ends; of half a pair, its number."""
    with pytest.MonkeyPatch.context() as patch, NamedTemporaryFile() as file:
        patch.setattr("hmp.frontends.files._CHUNK", 3)
        write_file(file.name, text, append=False)

        assert file.read() == text.encode(errors="backslashreplace")
