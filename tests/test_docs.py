"""What the documentation shows is there, and means what it says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from hmp.frontends.config import Config
from tests.program import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]


def test_the_configuration_in_full() -> None:
    """The example is accepted, and has every setting that there is."""
    text = (ROOT / "docs" / "configuration.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    data = tomllib.loads(example)
    Config(data, "docs")

    settings = {name for name in vars(Config()) if name not in ("theme", "keys", "path")}
    assert set(data["session"]) == settings - {"aliases", "targets", "groups"}
    assert set(data) == {"session", "theme", "keys", "aliases", "targets", "groups"}


def test_the_pictures() -> None:
    """Each is a file of the repository, with a text for readers who cannot see it."""
    pictures = [
        (page, *found)
        for page in PAGES
        for found in re.findall(r"!\[(.*?)\]\((.*?)\)", page.read_text())
    ]

    assert len(pictures) >= 4
    for page, text, path in pictures:
        assert text
        assert (page.parent / path).read_text().startswith("<svg")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_links(page: Path) -> None:
    """Each link to a file of the repository leads to one."""
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#:]+)\)", page.read_text())

    assert [link for link in links if not (page.parent / link).is_file()] == []


def test_the_readme_is_short() -> None:
    """It says what hmp is and where to read on; the pages of docs/ hold the rest."""
    readme = (ROOT / "README.md").read_text()

    assert len(readme.splitlines()) <= 150
    for page in (ROOT / "docs").glob("*.md"):
        assert f"](docs/{page.name})" in readme


def test_the_gate_names_tests_that_exist() -> None:
    """A module that is renamed would be missed at the end of a long run only."""
    named = re.findall(r"\btests/[\w/]+(?:\.py)?", (ROOT / ".ci" / "run").read_text())

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
