"""Whether work grows with its input as it should, whatever the machine is busy with."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")


def assert_linear(
    make: Callable[[int], Input], work: Callable[[Input], object], size: int
) -> None:
    """Check that eight times the input takes about eight times the processor's time.

    Where it would be quadratic, 64 times; what lies between is for noise.
    """
    short, long = (_seconds(work, make(n)) for n in (size, 8 * size))
    assert long < 24 * short, (short, long)


def _seconds(work: Callable[[Input], object], data: Input) -> float:
    def once() -> float:
        begun = time.process_time()
        work(data)
        return time.process_time() - begun

    return min(once() for _ in range(3))
