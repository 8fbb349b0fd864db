"""pyright's findings, in strict mode but for the tests, may only become fewer.

``python -m tests.typing.pyright`` compares the findings, counted by file and rule, with
pyright-debts.txt. It prints new findings, and fails. It also fails when there are fewer
findings than the list allows, until ``--update`` has lowered the list. ``--update`` never
raises a number.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, TypeAlias

from tests.program import ROOT

DEBTS = Path(__file__).with_name("pyright-debts.txt")
Debts: TypeAlias = Counter[tuple[str, str]]
"""The number of findings by file and rule."""


def read_debts(text: str) -> Debts:
    """Return the debts of a list of lines ``FILE RULE NUMBER``."""
    rows = (line.split() for line in text.splitlines())
    return Counter({(file, rule): int(number) for file, rule, number in rows})


def write_debts(debts: Debts) -> str:
    """Return the list of debts, sorted."""
    return "".join(f"{file} {rule} {n}\n" for (file, rule), n in sorted(debts.items()) if n)


def find() -> list[dict[str, Any]]:
    """Return what pyright finds, with paths below the checkout."""
    command = [sys.executable, "-m", "pyright", "--outputjson"]
    done = subprocess.run(
        [*command, "--pythonpath", sys.executable],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,  # it fails whenever it finds something
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)["generalDiagnostics"]
    for each in found:
        each["file"] = str(Path(each["file"]).relative_to(ROOT))
    return found


def count(found: list[dict[str, Any]]) -> Debts:
    """Return the number of findings by file and rule."""
    return Counter(map(_key, found))


def compare(found: list[dict[str, Any]], allowed: Debts) -> str:
    """Return what is wrong with the findings, or with the list; empty if they agree."""
    now = count(found)
    new, paid = now - allowed, allowed - now
    lines = [
        f"{each['file']}:{each['range']['start']['line'] + 1}: {each['message']}\n"
        for each in found
        if _key(each) in new
    ]
    for (file, rule), number in sorted(new.items()):
        lines.append(f"{file}: {rule}: {number} more than {DEBTS.name} allows\n")
    for (file, rule), number in sorted(paid.items()):
        lines.append(f"{file}: {rule}: {number} fewer than {DEBTS.name} allows\n")
    if paid:
        lines.append("lower the list: python -m tests.typing.pyright --update\n")
    return "".join(lines)


def _key(finding: dict[str, Any]) -> tuple[str, str]:
    return finding["file"], finding.get("rule", "error")


def main(arguments: list[str]) -> int:
    """Compare with the list, or update it; return the exit status."""
    found, allowed = find(), read_debts(DEBTS.read_text())
    if "--update" in arguments:
        allowed = allowed & count(found)
        DEBTS.write_text(write_debts(allowed))
    text = compare(found, allowed)
    sys.stdout.write(text)
    return 1 if text else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
