"""How Tab writes odd names at each kind of place, or that it leaves them out.

``HMP_TEST_UPDATE=1 pytest tests/completion/test_odd_words.py`` writes the file anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from completions.defaults import KINDS
from hmp.builtin import load_tables
from hmp.completion.candidates import complete
from hmp.monitor.kinds import Kind, Word
from tests import golden

GOLDEN = Path(__file__).parent / "golden/odd_words.txt"

NAMES = (
    *("x", "12", "-a", "a.b", "a:b", "a-b", "a=b", "a=", "a,b", "a,,b", "a b", "é", "a%b"),
    *("a/b", "/a", "/", "/a/", "a/", "a>", "<a>", "$a", "a$b", 'a"b', "a'b", "a\\b"),
    *("[a", "{a", "a={", "a=["),
)
PLACES = (
    *(
        "eject ",
        "info block -n ",
        "device_add ",
        "device_add e1000,",
        "device_add e1000,id=",
    ),
    *("qom-get ", "qom-list /", "sendkey ", "sendkey a-", "type ", "log ", "log a,"),
    *("load ", "migrate ", "migrate exec:", "migrate file:", "drive_add 0 file="),
    *("drive_add 0 file=a,", "qmp ", "qmp eject ", "qmp eject device=", "print $", "stop "),
    *('qmp {"execute": "', 'qmp {"execute": "eject", "arguments": {"device": "'),
    *("qmp blockdev-add driver=file filename=", "chardev-add file,path=", "x/4 "),
    *(
        "object_add x,file=",
        "alias e eject ",
        "watch info block ",
        "help ",
        "explain eject ",
    ),
    *("dump-guest-memory ", "hostfwd_add ", "guest-exec ", "wait ", "info stats vm "),
)


def offers() -> Iterator[str]:
    """Yield each place, with what is put in for each name, and where a blank follows."""
    table = load_tables()

    def look(kind: Kind, context: str) -> list[Word]:
        return [(name, "") for name in NAMES]

    for place in PLACES:
        for line in (place, f'{place}"'):
            found = complete(line, table, look, KINDS)
            if found:
                yield f"=== {line}\n"
            for word in found:
                called = f"  ({word.name})" if word.name else ""
                blank = "·" if word.ends else ""
                yield f"{line[: word.start]}|{word.text}{blank}{called}\n"


def test_how_odd_names_are_written() -> None:
    """Quoted, doubled or left out, so that the line names what was offered."""
    golden.check(GOLDEN, "".join(offers()))
