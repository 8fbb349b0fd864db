"""Lines with secrets, as they should be typed and as they are mistyped."""

from __future__ import annotations

import shlex
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.qmp.masking import hide
from hmp.qmp.secret_addresses import mask_text
from hmp.qmp.secret_names import names_secret
from hmp.qmp.secrets import mask, mask_line, mask_reply, mask_target, secrets_in, sensitive
from tests.qmp.secret_forms import FORMS, ORDINARY, PROGRAMS, SECRET, SPELT, mistyped

LOST = "https://user Hq7zKw9tV@"
"""What no longer looks like an address with a password, nor like anything else."""


@pytest.mark.parametrize("line", [*FORMS, *SPELT])
def test_no_secret_is_left_in_a_line(line: str) -> None:
    """However it is written; and what the masked line is masked to is itself."""
    masked = mask_line(line)

    assert SECRET not in masked
    assert mask_line(masked) == masked
    assert any(SECRET in value for value in secrets_in(line))


@pytest.mark.parametrize("line", FORMS)
def test_no_secret_is_left_in_a_mistyped_line(line: str) -> None:
    """One letter wrong anywhere, blanks, commas and equals signs among the letters."""
    kept = [x for x in mistyped(line) if SECRET in mask_line(x) and LOST not in x]

    assert kept == []


@pytest.mark.parametrize("line", [*FORMS, *SPELT])
def test_an_error_that_quotes_the_secret_hides_it(line: str) -> None:
    """As QEMU and we quote what is wrong with a line."""
    values = list(secrets_in(line))

    assert SECRET not in hide(f"Error: '{SECRET}' is wrong, {line!r}", values)


def test_the_name_of_an_argument_is_no_secret() -> None:
    """QEMU names the argument of a line that has a word too many."""
    values = list(secrets_in("change vnc password a read-only"))
    error = "Parameter 'read-only-mode' is invalid for VNC"

    assert hide(error, values) == error


@pytest.mark.parametrize("line", ORDINARY)
def test_ordinary_lines_stay_as_they_are(line: str) -> None:
    """Words alone do not make a line secret."""
    assert mask_line(line) == line
    assert secrets_in(line) == ()


@given(
    st.sampled_from([*FORMS, *SPELT]),
    st.text(st.characters(exclude_characters="\n\r"), min_size=1),
)
def test_any_password(form: str, password: str) -> None:
    """Quotes, blanks and whatever else a password is made of does not let it through."""
    password = f"Zq{password}Vx9"
    masked = mask_line(form.replace(SECRET, password))

    assert "Zq" not in masked
    assert "://" in form or "Vx9" not in masked


@pytest.mark.parametrize("before", ["info block | ", "!", "wait STOP ; ", "alias x !"])
def test_no_secret_is_left_in_a_program(before: str) -> None:
    """Wherever a line has words for one."""
    assert [p for p in PROGRAMS if SECRET in mask_line(f"{before}{p}")] == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_secret_is_left_in_a_request_to_run_a_program(program: str) -> None:
    """By QEMU or its guest agent, with or without a shell, nor in what it answers."""
    requests = [
        ("migrate", {"uri": f"exec:{program}"}),
        ("migrate", _channel(["/bin/sh", "-c", program])),
        ("guest-exec", {"path": "/bin/sh", "arg": ["-c", program]}),
    ]
    with suppress(ValueError):
        words = [word for word in shlex.split(program) if word != "|"]
        if "|" not in program and "<<<" not in program:
            requests.append(("migrate", _channel(words)))
            requests.append(("guest-exec", {"path": "env", "arg": words}))
    for command, arguments in requests:
        masking = sensitive(command, arguments)

        assert SECRET not in str(mask({"execute": command, "arguments": arguments}))
        assert masking is not None
        assert SECRET not in str(masking.mask({"error": {"desc": f"bad '{SECRET}'"}}))


def _channel(words: list[str]) -> dict[str, object]:
    return {"channels": [{"addr": {"transport": "exec", "args": words}}]}


@pytest.mark.parametrize("program", [p for p in PROGRAMS if "|" not in p])
def test_no_secret_is_left_in_a_target(program: str) -> None:
    """`exec:` of the command line; the machines of a set keep names of their own."""
    first, second = (mask_target(f"exec:{program} {host}") for host in ("a", "b"))

    assert SECRET not in first
    assert first != second or program.startswith("htpasswd")


@pytest.mark.parametrize(
    "way", ["none", "vnc", "sasl", "cephx", "Basic", "ldap", "oauth", "oauth2", "cert"]
)
def test_ways_to_authenticate_are_shown(way: str) -> None:
    """What users want to see is which of them is on."""
    for line in (f"x auth={way},a=b", f"!x --auth {way}", f"qmp x auth={way}"):
        assert mask_line(line) == line
    request = {"execute": "x", "arguments": {"auth": way}}
    assert mask(request) == request


@pytest.mark.parametrize(
    ("value", "shown"), [("3", True), ("127", True), ("1234", False), ("x1", False)]
)
def test_a_pin_of_a_chip_is_shown(value: str, shown: bool) -> None:
    """Nobody has a secret of so few digits."""
    for line in (f"device_add gpio,pin={value}", f"qmp x gpio.pin={value}"):
        assert (mask_line(line) == line) is shown
    request = {"execute": "x", "arguments": {"pin": value}}
    assert (mask(request) == request) is shown
    assert (mask_reply({"pin": value}) == {"pin": value}) is shown


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    """Nothing raises, and masking twice changes nothing more."""
    masked = mask_line(text)

    assert mask_line(masked) == masked
    mask_text(text)


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a.",
        "a=",
        "a://b:",
        "https://a",
        "rbd:",
        "objects/",
        "vnc ",
        "passw ",
        "object_add iothread ",
        "!login -a=b ",
        "| key ",
        "%41=",
        "set_password ",
        "qom-set ",
        '{"',
        "property=",
        "- ",
        "a@b:c",
        "http://:",
        "\\u0041",
        "change vnc ",
        "-u a",
        "echo a|",
        "sudo ",
        "user=",
        "mysql -",
        "htpasswd -b ",
        "-key ",
        "'",
        "\\",
        ",a",
        "x/",
    ],
)
def test_long_lines_take_time_by_their_length_alone(unit: str) -> None:
    """By its square, it would be many minutes."""
    line = (unit * 200_000)[:200_000]

    mask_line(line)
    mask_text(line)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("https://u:pw1@h/x", "https://u:***@h/x"),
        ("file=https://me@x.org:p@w@h/x,y", "file=https://me@x.org:***@h/x,y"),
        ("https://token@h", "https://***@h"),
        ("iscsi://u%pw@h/1", "iscsi://u%***@h/1"),
        ("rbd:pool/img:id=x:key=AQ==:conf=y", "rbd:pool/img:id=x:key=***:conf=y"),
        (r'json:{"url":"https:\/\/u:pw@h"}', r'json:{"url":"https:\/\/u:***@h"}'),
        ("nbd://h:10809/x", "nbd://h:10809/x"),
        ("https://[::1]:80/x", "https://[::1]:80/x"),
        ("ssh://me@h/x", "ssh://me@h/x"),
        ("alias ram @pc.ram 0-1", "alias ram @pc.ram 0-1"),
    ],
)
def test_passwords_in_addresses(text: str, masked: str) -> None:
    """The password alone, so that the rest can be read."""
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    ("key", "secret"),
    [
        ("password", True),
        ("file.password", True),
        ("proxy-passwd", True),
        ("pasword", True),
        ("x-pasword", True),
        ("proxy.user_passwrd", True),
        ("rounds-passed", False),
        ("x_passwordid", False),
        ("passwrd", True),
        ("access-key", True),
        ("cookie", True),
        ("password-secret", False),
        ("key-secret", False),
        ("passwordid", False),
        ("data", False),
        ("key", True),
        ("passed", False),
        ("pin", True),
        ("user_pin", True),
        ("irq_pin", False),
        ("otp", True),
        ("auth", True),
        ("auth-client-required", False),
        ("auth_supported", False),
        ("passwordHash", True),
        ("password_hash", True),
        ("password2", True),
        ("passwords", True),
        ("passPhrase", True),
        ("PassPhrase", True),
        ("pass_code", True),
        ("pinCode", True),
        ("cookies", True),
        ("privKey", True),
        ("apiKey", True),
        ("awsSecretAccessKey", True),
        ("vf-token", True),
        ("rxcookie", True),
        ("cookie64", False),
        ("x" * 5000, False),
    ],
)
def test_names_of_secrets(key: str, secret: bool) -> None:
    """What ends in -secret names the object that holds one."""
    assert names_secret(key) == secret
