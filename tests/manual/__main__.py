"""Write the manual pages; one that says the same keeps its date."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.manual.pages import PAGES, page
from tests.program import ROOT


def main() -> None:
    """Write each page to docs/man."""
    folder = ROOT / "docs" / "man"
    folder.mkdir(exist_ok=True)
    today = f"{datetime.now(UTC):%B %-d, %Y}"
    for name, section in PAGES.items():
        path = folder / f"{name}.{section}"
        old = path.read_text() if path.exists() else ""
        date = old.partition("\n")[0].removeprefix(".Dd ")
        if old != page(name, date):
            path.write_text(page(name, today))


main()
