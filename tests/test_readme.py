"""What the README shows is there, and means what it says."""

from __future__ import annotations

import re
import tomllib

from hmp.cli.config import Config
from tests.program import ROOT

README = (ROOT / "README.md").read_text()


def test_the_configuration_in_full() -> None:
    """The example is accepted, and has every setting that there is."""
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    data = tomllib.loads(example)
    Config(data, "README")

    settings = {name for name in vars(Config()) if name not in ("theme", "keys")}
    assert set(data["session"]) == settings - {"aliases", "targets"}
    assert set(data) == {"session", "theme", "keys", "aliases", "targets"}


def test_its_pictures() -> None:
    """Each is a file of the repository, with a text for those who don't see it."""
    pictures = re.findall(r"!\[(.*?)\]\((.*?)\)", README)

    assert len(pictures) >= 4
    for text, path in pictures:
        assert text
        assert (ROOT / path).read_text().startswith("<svg")
