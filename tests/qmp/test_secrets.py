from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.qmp.masking import hide
from hmp.qmp.secret_names import NAMES, STARS, secret_type
from hmp.qmp.secrets import mask, mask_line, mask_reply, tells_secrets

Message = dict[str, Any]
SECRET = "hunter2"


def command(name: str, **arguments: Any) -> Message:
    """Return a QMP request."""
    return {"execute": name, "arguments": arguments}


def line(text: str) -> Message:
    """Return the request that passes a line on."""
    return command("human-monitor-command", **{"command-line": text})


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        (
            command("change-vnc-password", password=SECRET),
            command("change-vnc-password", password="***"),
        ),
        (
            command("set_password", protocol="vnc", password=SECRET),
            command("set_password", protocol="vnc", password="***"),
        ),
        (
            command("object-add", **{"qom-type": "secret", "id": "s", "data": SECRET}),
            command("object-add", **{"qom-type": "secret", "id": "s", "data": "***"}),
        ),
        (
            command("object-add", **{"qom-type": "secret_keyring", "data": SECRET}),
            command("object-add", **{"qom-type": "secret_keyring", "data": "***"}),
        ),
        (
            command("x", list=[{"passwd": SECRET}, {"deep": {"password": SECRET}}]),
            command("x", list=[{"passwd": "***"}, {"deep": {"password": "***"}}]),
        ),
        (
            command("qom-set", path="/objects/s", property="data", value=SECRET),
            command("qom-set", path="/objects/s", property="data", value="***"),
        ),
        (line(f"set_password vnc {SECRET}"), line("set_password vnc ***")),
        (
            command("human-monitor-command", **{"comand-line": f"change vnc {SECRET}"}),
            command("human-monitor-command", **{"comand-line": "change vnc ***"}),
        ),
        (
            {"exec-oob": "set_password", "arguments": {"password": SECRET}},
            {"exec-oob": "set_password", "arguments": {"password": "***"}},
        ),
        *(
            (command("x", text=text), command("x", text=masked))
            for text, masked in (
                (f"https://h/x?token={SECRET}", "https://h/x?token=***"),
                (f"https://h/x?password%3D{SECRET}", "https://h/x?password***"),
                (f"--password {SECRET}", "--password ***"),
                (f'{{"password": "{SECRET}"}}', '{"password": "***'),
            )
        ),
        (
            command("guest-file-write", handle=1, **{"buf-b64": SECRET}),
            command("guest-file-write", handle=1, **{"buf-b64": "***"}),
        ),
        (
            command("guest-exec", path="x", arg=["login", SECRET], **{"input-data": "a"}),
            command("guest-exec", path="x", arg=["login", "***"], **{"input-data": "***"}),
        ),
        *(
            ({member: f"set_password vnc {word}"}, {member: "set_password vnc ***"})
            for member in ("execute", "exec-oob")
            for word in (SECRET, f'"{SECRET}"')
        ),
    ],
)
def test_passwords_in_messages_are_starred_out(message: Message, masked: Message) -> None:
    """Known by where they stand; the message itself, which is sent, stays as it is."""
    before = copy.deepcopy(message)

    assert mask(message) == masked
    assert message == before


@pytest.mark.parametrize(
    "message",
    [
        {"execute": "stop"},
        {"return": {"password": "what the machine itself tells"}},
        {"event": "A", "data": {}},
        command("object-add", **{"qom-type": "iothread", "data": "x"}),
        command("object-add", **{"qom-type": 7, "data": "x"}),
        command("blockdev-add", **{"password-secret": "s0"}),
        command("input-send-event", events=[{"data": {"key": {"data": "a"}}}]),
        command("qom-set", path="/machine", property="value", value="x"),
        command("qom-set", path="/machine", property=["data"], value="x"),
        line("info status"),
        command("human-monitor-command", **{"command-line": 7}),
        {"execute": "x", "arguments": None},
    ],
)
def test_other_messages_are_shown_as_they_are(message: Message) -> None:
    """Not everything with data is secret."""
    assert mask(message) == message


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("resolution failed for //me:pw@h:1: x", "resolution failed for //me:***@h:1: x"),
        ("cannot open '//me:pw@h/x'", "cannot open '//me:***@h/x'"),
        ("(//me:pw@[::1]:5)", "(//me:***@[::1]:5)"),
        ("//host:22", "//host:22"),
        ("a//b:c@d", "a//b:c@d"),
        ("// note: see a@b", "// note: see a@b"),
    ],
)
def test_addresses_in_errors_may_lack_their_scheme(text: str, masked: str) -> None:
    """As in the error of a migration to such an address, which is asked for later."""
    reply = {"return": {"status": "failed", "error-desc": text}}

    assert mask_reply(reply) == {"return": {"status": "failed", "error-desc": masked}}
    assert tells_secrets(text.encode()) or text == masked


def test_a_number_is_no_password() -> None:
    """Such as the number of a pass over memory; in a recording it has to stay one."""
    event = {"event": "MIGRATION_PASS", "data": {"pass": 2}}

    assert mask_reply(event) == event
    assert mask_reply({"return": {"pass": "x"}}) == {"return": {"pass": STARS}}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"set_password vnc {SECRET}", "set_password vnc ***"),
        (f"  set_password  vnc  {SECRET} -d x", "  set_password  vnc  ***"),
        (f'set_password "vnc" "{SECRET} x"', 'set_password "vnc" ***'),
        (f"change vnc password {SECRET}", "change vnc password ***"),
        (f"change vnc passwd {SECRET}", "change vnc passwd ***"),
        (f"change vnc -f password {SECRET}", "change vnc -f password ***"),
        (f"object_add secret,id=s,data={SECRET}", "object_add secret,id=s,data=***"),
        (f"object_add secret,data={SECRET},id=s", "object_add secret,data=***"),
        (
            f"object_add qom-type=secret,id=s,data={SECRET}",
            "object_add qom-type=secret,id=s,data=***",
        ),
        (
            f'object_add {{"qom-type":"secret","id":"s","data":"{SECRET}"}}',
            'object_add {"qom-type":"secret","id":"s","data":"***',
        ),
        (
            f'object_add {{"qom-type": "secret", "data" : "{SECRET}"}}',
            'object_add {"qom-type": "secret", "data" : "***',
        ),
        (f"object_add secret,data={SECRET}\nx", "object_add secret,data=***"),
    ],
)
def test_passwords_in_lines_are_starred_out(text: str, masked: str) -> None:
    """All that follows, so that no way of quoting lets a part of it through."""
    assert mask_line(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        f"object_add data={SECRET},qom-type=secret,id=s",
        f'object_add {{"data":"{SECRET}","qom-type":"secret"}}',
        f"object_add  secret,id=s,data={SECRET}",
        f"object_add\tsecret,id=s,data={SECRET}",
        f"object_add secret,id=s,format=raw,data={SECRET}",
        f"object_add {{'qom-type':'secret','data':'{SECRET}'}}",
        f"qom-set /objects/s data {SECRET}",
        f"change  vnc  password  {SECRET}",
        f'change "vnc" "password" {SECRET}',
        f"change vnc password {SECRET} x y",
        f'set_password "v\\"nc" {SECRET}',
        f"explain set_password vnc {SECRET}",
        f"time  watch -n 1 set_password vnc {SECRET}",
        f"alias p set_password vnc {SECRET}",
        f"qmp set_password protocol=vnc password={SECRET}",
        f'qmp change-vnc-password password="{SECRET}"',
        f"qmp object-add qom-type=secret id=s data={SECRET}",
        f'qmp {{"execute": "set_password", "arguments": {{"password": "{SECRET}"}}}}',
        f'qmp {{"execute":"object-add","arguments":{{"id":"secret","data":"{SECRET}"}}}}',
    ],
)
def test_no_way_of_writing_it_lets_a_password_through(text: str) -> None:
    """Neither the order of members nor quotes or blanks."""
    assert SECRET not in mask_line(text)


@pytest.mark.parametrize(
    ("text", "value", "hidden"),
    [
        ("Parameter 'host-nodes.0' missing", "0", "Parameter 'host-nodes.0' missing"),
        ("Parameters 'rules.1.policy.*'", "1", "Parameters 'rules.1.policy.*'"),
        ("no value '0'. Or 0?", "0", "no value '***'. Or ***?"),
        ("Error: data is not 0.", "0", "Error: data is not ***."),
        ("it is word.", "word", "it is ***."),
        ("a.word-1, word", "word", "a.word-1, ***"),
        ("a.Secret1.b", "Secret1", "a.***.b"),
    ],
)
def test_a_short_secret_is_no_part_of_a_name(text: str, value: str, hidden: str) -> None:
    """An index that the machine names would be starred out; a long secret always is."""
    assert hide(text, [value]) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "",
        "info status",
        "set_password",
        "set_password vnc",
        "change ide1-cd0 /tmp/password.iso",
        "change vnc password",
        "object_add iothread,id=secret0",
        "object_add iothread,data=x",
        "qom-set /machine value x",
        "object_add rng-random,id=r,filename=/dev/random",
        "help set_password vnc",
        "explain info status",
        "qmp query-status",
        "qmp object-add qom-type=iothread id=data",
        "alias password info status",
    ],
)
def test_other_lines_are_shown_as_they_are(text: str) -> None:
    """Words alone do not make a line secret."""
    assert mask_line(text) == text


def test_what_qemu_calls_a_file_may_be_json_with_a_cookie() -> None:
    """As `query-block` says it, where the rest is to be read."""
    told = 'json:{"driver": "https", "cookie": "%s", "password-secret": "s", "url": "u"}'
    reply = {"return": {"file": told % f'sid=\\"{SECRET}'}}

    assert tells_secrets(json.dumps(reply).encode())
    assert mask_reply(reply) == {"return": {"file": told % "***"}}


def test_a_property_that_is_secret() -> None:
    """Its value stands beside its name."""
    secret = {"name": "password", "value": SECRET, "type": "string"}
    others = [{"name": "size", "value": "1"}, {"value": "1"}, {"name": "password"}]

    assert mask_reply({"return": [secret, *others]}) == {
        "return": [{**secret, "value": "***"}, *others]
    }


@given(
    st.from_regex("|".join(NAMES.values()), fullmatch=True)
    | st.sampled_from(["secret", "key", "pin", "otp", "passwords", "token-12"]),
    st.sampled_from([str, str.upper, str.title]),
    st.sampled_from(["", "user.", "x-"]),
)
def test_no_secret_is_left_out_for_speed(
    name: str, change: Callable[[str], str], before: str
) -> None:
    """What a member is called is looked for in bytes first, by the same names."""
    reply = {"return": {f"{before}{change(name)}": SECRET}}
    nested = {"return": json.dumps(reply)}

    masked = SECRET not in json.dumps(mask_reply(reply))
    assert tells_secrets(json.dumps(reply).encode()) or not masked
    assert tells_secrets(json.dumps(nested).encode()) or not masked


KEEPERS = ("secret", "secret_keyring", "SECRET", "tls-creds-psk", "mysecrets", None)
MISTYPED = ("secre", "sceret", "secrets", "seccret-x", "s3cret-x", "secrt-x", "xsecret-y")
OTHERS: tuple[object, ...] = ("iothread", "rng-random", "", "sekrit-x", 7, [])


def test_types_of_objects_that_hold_secrets() -> None:
    """Mistyped ones, too: a letter wrong, missing or added at the beginning."""
    assert [name for name in (*KEEPERS, *MISTYPED) if not secret_type(name)] == []
    assert [name for name in OTHERS if secret_type(name)] == []
