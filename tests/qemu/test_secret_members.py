"""Each member and property of a real QEMU whose name looks like a secret is decided."""

from __future__ import annotations

import re

from hmp.qmp.secret_names import names_secret
from tests.qemu.conftest import Session

_LOOKS_SECRET = re.compile(
    r"(?i)pass(?!-?discard|through)|pwd|secret|key|token|cookie|\bauth(?!or|z)|cred|psk"
    r"|\bpin\b|otp\b|hash$|nonce|private|signature|\bsig\b|jwt"
)
_SECRET = {
    *("auth", "cookie", "key", "pass", "password", "rxcookie", "secret", "txcookie"),
    *("auth-key", "vf-token"),  # of devices
}
_HARMLESS = {
    # ids of secret objects and of TLS credentials, and their names and files
    *("cookie-secret", "key-secret", "keyid", "new-secret", "old-secret", "passwordid"),
    *("password-secret", "proxy-password-secret", "tls-creds"),
    # ways to authenticate, and switches
    *("auth-client-required", "host-key-check", "hash", "skipauth", "cookie64"),
    *("aes-key-wrap", "dea-key-wrap", "author-key-enabled", "sgx-provisionkey"),
    *("bypass-iommu", "bypass_iommu", "default-bus-bypass-iommu", "sgx-tokenkey"),
    *("boot-bypass", "x-mtu-bypass-backend", "x-rdma-pin-all"),
    # numbers of slots, rounds and bytes
    *("key-offset", "keyslot", "master-key-iters"),
    # what a guest's owner checks, which is signed, not secret
    *("id-auth", "mnonce"),
    # of a keyboard
    *("key-delay-ms", "keys", "left-command-key", "lock-key-sync"),
}


def test_names_that_look_secret(bare: Session) -> None:
    """In requests and replies, options, and the properties of objects and CPUs."""
    ask = bare.qemu.oracle.qmp
    schema = ask("query-qmp-schema")["return"]
    objects = [item for item in schema if item["meta-type"] == "object"]
    names = {each["name"] for found in objects for each in found["members"]}
    options = ask("query-command-line-options")["return"]
    names |= {each["name"] for option in options for each in option["parameters"]}
    for type_ in ("secret", "tls-creds-psk", "vfio-pci", "emmc", "max-x86_64-cpu"):
        # emmc is newer than 7.2
        found = ask("qom-list-properties", typename=type_).get("return", [])
        names |= {each["name"] for each in found}
    looking = {name for name in names if _LOOKS_SECRET.search(name)}

    assert looking - _SECRET - _HARMLESS == set()
    assert {name for name in names if names_secret(name)} <= _SECRET
    assert {name for name in _SECRET if not names_secret(name)} == set()
