from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from hmp.frontends.outlet import Outlet
from hmp.frontends.shell import Redirect
from tests.fakes import until


def test_a_program_has_what_is_written_at_once(tmp_path: Path) -> None:
    """And its end, when nothing more comes."""
    outlet = Outlet(Redirect("|", f"cat > {tmp_path}/found; echo end >> {tmp_path}/found"))
    found = tmp_path / "found"

    async def main() -> None:
        assert outlet.has_reader()
        outlet.write("a\x1b[1m\n")
        await until(lambda: found.exists() and found.read_text(), "the text")
        outlet.close()
        await outlet.ended(asyncio.sleep)

    asyncio.run(main())
    assert found.read_text().startswith("a")
    assert "\x1b" not in found.read_text()
    assert found.read_text().endswith("\nend\n")


def test_a_program_that_has_enough() -> None:
    """It is noticed without anything to write."""
    outlet = Outlet(Redirect("|", "head -n 1 >/dev/null"))

    async def main() -> None:
        assert outlet.has_reader()
        outlet.write("a\n")
        await until(lambda: not outlet.has_reader(), "the end of the program")
        outlet.close()
        await outlet.ended(asyncio.sleep)

    asyncio.run(main())


def test_a_program_that_does_not_read() -> None:
    """What it leaves waits; nothing blocks."""
    outlet = Outlet(Redirect("|", "sleep 0.2"))

    async def main() -> None:
        assert outlet.has_reader()
        outlet.write("a" * (1 << 20))
        outlet.close()
        await outlet.ended(asyncio.sleep)

    asyncio.run(main())


def test_a_program_that_reads_late_gets_all(tmp_path: Path) -> None:
    """More than a pipe holds."""
    outlet = Outlet(Redirect("|", f"sleep 0.2; wc -c > {tmp_path}/size"))

    async def main() -> None:
        assert outlet.has_reader()
        outlet.write("a" * (1 << 20))
        await outlet.written(asyncio.sleep)
        outlet.close()
        await outlet.ended(asyncio.sleep)

    asyncio.run(main())
    assert int((tmp_path / "size").read_text()) == 1 << 20


@pytest.mark.parametrize(("sign", "text"), [(">", "new\n"), (">>", "old\nnew\n")])
def test_a_file(tmp_path: Path, sign: str, text: str) -> None:
    """It has the text behind what it has, or instead."""
    file = tmp_path / "file"
    file.write_text("old\n")
    outlet = Outlet(Redirect(sign, str(file)))

    assert outlet.has_reader()
    outlet.write("new\n")
    assert file.read_text() == text
    outlet.close()


def test_a_pipe_that_nobody_reads(tmp_path: Path) -> None:
    """It is no reason to hang."""
    os.mkfifo(tmp_path / "pipe")
    outlet = Outlet(Redirect(">", f"{tmp_path}/pipe"))

    with pytest.raises(OSError, match="No such device"):
        outlet.has_reader()
    outlet.close()
