from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hmp.fleet.sets
from hmp.fleet.node_sets import SetError, fold, how_many
from hmp.fleet.sets import Sets, expand, is_set, split
from hmp.frontends.config import Config
from hmp.targets.discovery import RunningMachine
from hmp.targets.doors import QMP, Door


def machine(name: str, target: str, user: str = "") -> RunningMachine:
    """Return a machine with a QMP socket."""
    return RunningMachine(1, [name] if name else [], [Door(QMP, target)], user=user)


HOSTS = {
    "": [
        machine("web1", "/run/web1"),
        machine("web2", "/run/web2"),
        machine("db", "/run/db"),
        machine("", "/run/nameless"),
        machine("web3", "/run/web3", user="eve"),
        RunningMachine(2, ["unreachable"]),
    ],
    "far:": [machine("web9", "far:/run/web9")],
}
CONFIG = Config(
    {
        "targets": {"prod": {"target": "/run/prod", "read_only": True}},
        "groups": {
            "all-web": ["web[1-2]", "prod"],
            "nested": ["@all-web", "db"],
            "printed": "echo web1 db",
            "broken": "exit 3",
            "a": ["@b"],
            "b": ["@a"],
        },
    }
)


def names(*words: str, without: list[str] | None = None, everything: bool = False) -> str:
    """Return the names and addresses of a set."""
    found = Sets(CONFIG, lambda host: HOSTS.get(host, [])).members(
        words, without or [], everything
    )
    return " ".join(f"{m.name}={m.address}" for m in found)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("vm[1-3]", "vm1 vm2 vm3"),
        ("vm[08-10]", "vm08 vm09 vm10"),
        ("vm[001-002].sock", "vm001.sock vm002.sock"),
        ("vm[1,3-4]", "vm1 vm3 vm4"),
        ("a[1-2]b[1-2]", "a1b1 a1b2 a2b1 a2b2"),
        ("vm[0-4/2]", "vm0 vm2 vm4"),
        ("vm[0-1000000/1000000]", "vm0 vm1000000"),
        ("vm[1-3]!vm2", "vm1 vm3"),
        ("vm[1-3]&vm[3-4]", "vm3"),
        ("/run/vm[1-2]/qmp", "/run/vm1/qmp /run/vm2/qmp"),
        ("tcp:[::1]:444[1-2]", "tcp:[::1]:4441 tcp:[::1]:4442"),
        ("me@[fe80::1%eth0]:vm[1-2]", "me@[fe80::1%eth0]:vm1 me@[fe80::1%eth0]:vm2"),
        ("vm[1-2]:tcp:[::1]:4", "vm1:tcp:[::1]:4 vm2:tcp:[::1]:4"),
    ],
)
def test_ranges(part: str, found: str) -> None:
    """With leading zeros, several of them, and steps."""
    assert expand(part) == found.split()


@pytest.mark.parametrize(
    "part",
    [
        "vm[3-1]",
        "vm[1-",
        "vm[1-99999999999]",
        "vm[1-100000000]",
        "vm[0-100000]",
        "a[1-1000]b[1-1000]",
        "a[1-50000,60000-120000]",
        "a[1-100000000/2]",
    ],
)
def test_ranges_that_cannot_be_read(part: str) -> None:
    """A clear error, and no hundred million names."""
    with pytest.raises(SetError):
        expand(part)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("vm[1-3]", ["vm1", "vm2", "vm3"]),
        ("vm[7-7]", ["vm7"]),
        ("vm[9-11].a", ["vm9.a", "vm10.a", "vm11.a"]),
        ("vm[08-10]", ["vm08", "vm09", "vm10"]),
        ("vm[0-1]", ["vm0", "vm1"]),
        ("vm[3-1]", None),
        ("vm[08-100]", None),
        ("vm[1,3]", None),
        ("vm[1-9/2]", None),
    ],
)
def test_plain_ranges_do_not_need_clustershell(
    part: str, found: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its import takes longer than the rest; all else is its to judge."""
    monkeypatch.setattr("hmp.fleet.sets.nodes", lambda text: None)

    assert expand(part) == found


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("a,b", ["a", "b"]),
        ("vm[1,3],db", ["vm[1,3]", "db"]),
        ("unix:/q,server=on,wait=off", ["unix:/q,server=on,wait=off"]),
        ("unix:/q,server,nowait,db", ["unix:/q,server,nowait", "db"]),
        ("a,,b,", ["a", "b"]),
    ],
)
def test_commas(word: str, parts: list[str]) -> None:
    """Between machines, in ranges, and before QEMU's own options."""
    assert split(word) == parts


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("vm[1-2]", True),
        ("web*", True),
        ("vm?", True),
        ("@group", True),
        ("a,b", True),
        ("libvirt:*", True),
        ("qemu+unix:///system/vm?socket=/run/x", False),
        ("qemu+ssh://host/system/vm?", True),
        ("vm", False),
        ("/run/vm", False),
        ("localhost:4444", False),
        ("[::1]:4444", False),
        ("tcp:[fe80::1]:5", False),
        ("unix:@abstract", False),
        ("ssh://me@host/run/q", False),
        ("unix:/q,server=on,wait=off", False),
    ],
)
def test_what_is_a_set(word: str, found: bool) -> None:
    """An address never is, whatever its signs."""
    assert is_set(word) == found


def test_a_file_that_exists_is_no_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if it is called like one."""
    monkeypatch.chdir(tmp_path)
    Path("vm[1-2]").touch()

    assert not is_set("vm[1-2]")
    assert names("vm[1-2]") == "vm[1-2]=vm[1-2]"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["web*"], "web1=/run/web1 web2=/run/web2"),
        (["p*"], "prod=/run/prod"),
        (["db,web1", "db"], "db=/run/db web1=/run/web1"),
        (["web[1-4]"], "web1=/run/web1 web2=/run/web2 web3=None web4=None"),
        (["@all-web"], "web1=/run/web1 web2=/run/web2 prod=/run/prod"),
        (["@nested"], "web1=/run/web1 web2=/run/web2 prod=/run/prod db=/run/db"),
        (["@printed"], "web1=/run/web1 db=/run/db"),
        (["far:*"], "far:web9=far:/run/web9"),
        (["/run/x", "h:1"], "/run/x=/run/x h:1=h:1"),
    ],
)
def test_sets(words: list[str], found: str) -> None:
    """Each machine once, in the order of the words; another user's only by search."""
    assert names(*words) == found


def test_a_machine_with_two_names_is_one(tmp_path: Path) -> None:
    """It runs a line once, and is for reading only if any name says so."""
    (tmp_path / "sock").touch()
    (tmp_path / "link").symlink_to("sock")
    targets = {"prod": {"target": f"{tmp_path}/link", "read_only": True}}
    sets = Sets(Config({"targets": targets}), lambda host: [])
    words = [f"{tmp_path}/sock", f"unix:{tmp_path}/sock", f"{tmp_path}/link", "prod"]
    (member,) = sets.members(words)

    assert (member.name, member.read_only) == (words[0], True)
    with pytest.raises(SetError):
        sets.members(words[:1], without=["prod"])


def test_machines_of_one_name_are_not_one() -> None:
    """They go by their targets."""
    found = [machine("vm", "/run/a"), machine("vm", "/run/b"), machine("x", "/run/c")]
    sets = Sets(CONFIG, lambda host: found)

    assert [m.name for m in sets.members([], everything=True)] == ["/run/a", "/run/b", "x"]


def test_a_pattern_leaves_out_what_it_matches_of_the_set() -> None:
    """Be it among the machines of this host or not."""
    assert names("/run/vm[1-3]", "db", without=["/run/*[13]"]) == (
        "/run/vm2=/run/vm2 db=/run/db"
    )


def test_what_others_print_runs_no_program() -> None:
    """Neither a group's command nor ClusterShell can name a program."""
    groups = {"evil": "echo db exec:true", "own": ["exec:true"]}
    sets = Sets(Config({"groups": groups}), lambda host: HOSTS.get(host, []))

    with pytest.raises(SetError, match="would run a program"):
        sets.members(["@evil"])
    assert [m.name for m in sets.members(["@own"])] == ["exec:true"]


@pytest.mark.parametrize("word", ["web[1-4]", "web3,web2,web4,web1"])
@pytest.mark.parametrize("left", ["web2", "/run/web2", "web3", "web[2-3]", "*[23]"])
def test_what_is_left_out(word: str, left: str) -> None:
    """By any of its names, whether it was found or not; the others stay."""
    found = names(word, without=[left]).split()
    gone = {"web2", "web3"} if "3]" in left else {left.removeprefix("/run/")}

    assert {each.partition("=")[0] for each in found} == {
        *("web1", "web2", "web3", "web4")
    } - gone


TWINS = [machine("twin", "/run/a"), machine("twin", "/run/b"), machine("vm", "/run/vm")]


@pytest.mark.parametrize("left", ["twin", "tw*"])
@pytest.mark.parametrize("words", [["/run/a", "/run/b", "/run/vm"], ["*"], ["twin", "vm"]])
def test_machines_of_one_name_are_left_out(words: list[str], left: str) -> None:
    """By that name all of them, whatever the set calls them; else they would run lines."""
    sets = Sets(Config({}), lambda host: TWINS)

    found = sets.members(words, without=[left])
    assert [member.address for member in found] == ["/run/vm"]
    assert [member.address for member in sets.members(["tw*"])] == ["/run/a", "/run/b"]


def test_an_empty_group_leaves_nothing_out() -> None:
    """As that of the machines in maintenance often is; alone it names no machine."""
    sets = Sets(Config({"groups": {"idle": [], "quiet": "true", "both": ["@idle"]}}))
    for group in ("@idle", "@quiet", "@both"):
        found = sets.members(["/run/web1"], without=[group])
        assert [member.name for member in found] == ["/run/web1"]
        with pytest.raises(SetError, match="the set names no machine"):
            sets.members([group])


def test_all_but_some() -> None:
    """Those that can be reached; one without a name by its target."""
    assert names(everything=True, without=["web*"]) == (
        "db=/run/db /run/nameless=/run/nameless"
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["x*"], "'x*' matches no machine; see hmp --list"),
        (["far:x*"], "'far:x*' matches no machine; see hmp --list far:"),
        (["web1", "-web1"], "the set names no machine; see hmp --list"),
        (["@broken"], "'exit 3' ended with exit status 3"),
        (["@a"], "the group '@a' contains itself"),
        (["@no"], "'@no' names no machine, here or in ClusterShell"),
        (["web*,!web1"], "'!web1': to leave machines out, write -x web1"),
    ],
)
def test_a_set_that_names_nothing_is_an_error(words: list[str], text: str) -> None:
    """A pattern without a match, a group that fails or contains itself, all left out."""
    without = [word[1:] for word in words if word[0] == "-"]
    with pytest.raises(SetError) as caught:
        names(*(word for word in words if word[0] != "-"), without=without)

    assert str(caught.value) == text


@pytest.mark.parametrize("before", ["", "vm[1,3]!", "vm[1,3] ", "@a&", "@own!"])
@pytest.mark.parametrize(
    "name", ["x';touch {};'", "x\ntouch {}", "$(touch {})", "x'$IFS", "`touch {}`", "a/b"]
)
def test_the_name_of_a_group_is_no_command(before: str, name: str, tmp_path: Path) -> None:
    """ClusterShell puts it into a shell command that looks for the group."""
    path = tmp_path / "made"
    with pytest.raises(SetError, match="is not the name of a group"):
        names(f"{before}@{name.format(path)}")

    assert not path.exists()


def test_what_a_set_can_be_chosen_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups of both kinds, each once, targets, and machines that are not in it yet."""
    monkeypatch.setattr(hmp.fleet.sets, "group_names", lambda: ["nested", "rack"])
    offered = Sets(CONFIG, lambda host: HOSTS.get(host, [])).offered

    assert offered({1}) == [
        *((f"@{name}", "a group") for name in [*CONFIG.groups, "rack"]),
        ("prod", "/run/prod"),
    ]
    assert offered(()) == [
        *offered({1}),
        *((name, "on this host") for name in ("web1", "web2", "db", "/run/nameless")),
    ]


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (["vm1"], "vm1"),
        (["vm1", "vm2", "vm3", "vm7"], "vm[1-3,7]"),
        (["a", "b"], "a,b"),
        (["vm[1-900000000]", "vm1", "vm2"], "vm[1-900000000],vm1,vm2"),
        (["@all", "x"], "@all,x"),
        (["vm[1", "vm2"], "vm[1,vm2"),
        (["vm1", "vm[2-1]"], "vm1,vm[2-1]"),
        (["a" + "9" * 5000, "b"], f"a{'9' * 5000},b"),
        ([], ""),
    ],
)
def test_names_are_folded(found: list[str], text: str) -> None:
    """As ClusterShell writes them."""
    assert fold(found) == text


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_word_is_read_or_refused(word: str, other: str) -> None:
    """Never another error."""
    is_set(word)
    with suppress(SetError, ValueError):
        names(word, other)
    fold([word, other])


def test_a_number_of_machines_in_words() -> None:
    """One is one machine."""
    assert [*map(how_many, (0, 1, 2))] == ["0 machines", "1 machine", "2 machines"]


def test_what_looks_like_a_group_is_a_name() -> None:
    """A machine's name never has ClusterShell look for a group, nor combine names."""
    assert fold(["@all", "vm1", "vm2"]) == "@all,vm1,vm2"
    assert fold(["vm1&vm2", "vm1", "vm2"]) == "vm1&vm2,vm1,vm2"
    assert fold(["me@host:vm1", "me@host:vm2"]) == "me@host:vm[1-2]"
