"""Output that a thread writes, so that no client waits for its reader."""

from __future__ import annotations

import os

import pytest

from hmp.serving.printer import PrintedSink, Printer


def test_all_is_written_in_order() -> None:
    """However large it is."""
    printer = Printer()
    reading, writing = os.pipe()
    sink = PrintedSink(writing, printer)
    sink.flush()  # nothing
    assert sink.waiting == printer.waiting == 0
    text = "x" * 200_000
    sink.write(text)
    sink.write("end")
    sink.flush()
    assert 0 < sink.waiting <= len(text) + 3
    with open(reading, "rb") as file:
        assert file.read(len(text) + 3) == f"{text}end".encode()
        printer.drain(None)
        assert sink.waiting == 0
        os.close(writing)


def test_a_reader_that_is_stuck() -> None:
    """Is not waited for once nothing moves."""
    printer = Printer()
    reading, writing = os.pipe()
    printer.put(writing, bytes(1 << 20))
    printer.drain(0.05)
    assert 0 < printer.waiting < 1 << 20
    os.close(reading)  # ends the write
    with pytest.raises(BrokenPipeError):
        printer.drain(None)
    os.close(writing)


def test_an_error_is_raised_by_the_next_call() -> None:
    """And what was to be written is dropped."""
    printer = Printer()
    reading, writing = os.pipe()
    os.close(reading)
    printer.put(writing, b"a")
    with pytest.raises(BrokenPipeError):
        printer.drain(None)
    with pytest.raises(BrokenPipeError):
        printer.put(writing, b"b")
    assert printer.waiting == 0
    os.close(writing)
