"""Guests that are protected from their host: AMD SEV, Intel SGX."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from hmp.authoring import Monitor, QDict, bare_errors, info, needed, size_text, views

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.qmp.reply_types import SevInfo, SGXInfo

CATEGORY = "Machine"

# bits of the guest's policy: those of SEV forbid something, those of SEV-SNP allow it
_NO_DEBUG, _NO_KEY_SHARING = 1 << 0, 1 << 1
# bits of the guest policy in AMD's SEV-SNP ABI
_SNP_SMT, _SNP_DEBUG = 1 << 16, 1 << 19


@info(
    "sev",
    help="show the state of AMD memory encryption (SEV)",
    qmp=["query-sev"],
    after_preconfig=True,
)
async def sev(mon: Monitor, args: QDict) -> SevInfo:
    """Return SevInfo."""
    # QEMU's monitor prints this for every error of the query
    with bare_errors("SEV is not enabled\n"):
        return await mon.qmp.execute("query-sev")


@sev.text
def sev_text(value: SevInfo) -> Iterator[str]:
    """Yield the properties of an enabled SEV; older machines do not have its type."""
    if not value["enabled"]:
        yield "SEV is not enabled"
        return
    old = "sev-type" not in value
    if old:
        yield f"handle: {needed('query-sev', value, 'handle')}"
    else:
        yield f"SEV type: {value['sev-type']}"
    yield f"state: {value['state']}"
    yield f"build: {value['build-id']}"
    yield f"api version: {value['api-major']}.{value['api-minor']}"
    if not old and "handle" in value:
        yield f"handle: {value['handle']}"
    for name, on in _sev_policy(value):
        yield f"{name}: {'on' if on else 'off'}"


def _sev_policy(value: SevInfo) -> Iterator[tuple[str, bool]]:
    """Yield what the guest's owner allows. Raises BadReplyError without a policy."""
    if value.get("sev-type") == "sev-snp":
        policy = needed("query-sev", value, "snp-policy")
        yield "debug", bool(policy & _SNP_DEBUG)
        yield "SMT allowed", bool(policy & _SNP_SMT)
    else:
        policy = needed("query-sev", value, "policy")
        # this policy's bits forbid, and those of SEV-SNP above allow
        yield "debug", not policy & _NO_DEBUG
        yield "key-sharing", not policy & _NO_KEY_SHARING


@sev.view
def sev_view(value: SevInfo) -> RenderableType:
    """Show the state of memory encryption first, then its properties."""
    if not value["enabled"]:
        return views.facts([("SEV", views.state("not enabled"))])
    return views.facts(
        [
            ("SEV", views.state(value["state"], value["state"] == "running")),
            ("type", value.get("sev-type")),
            *((name, "allowed" if on else "forbidden") for name, on in _named(value)),
            ("API", f"{value['api-major']}.{value['api-minor']}"),
            ("build", value["build-id"]),
            ("handle", value.get("handle")),
        ]
    )


def _named(value: SevInfo) -> Iterator[tuple[str, bool]]:
    for name, on in _sev_policy(value):
        yield name.removesuffix(" allowed"), on


@info(
    "sgx",
    help="show the SGX features and memory of the machine (Intel)",
    qmp=["query-sgx"],
    # any text that does not begin like a result is the error of the query
    failure=r"\A(?!SGX support: )",
)
async def sgx(mon: Monitor, args: QDict) -> SGXInfo:
    """Return SGXInfo."""
    with bare_errors():
        return await mon.qmp.execute("query-sgx")


_SGX_FEATURES = (("SGX", "sgx"), ("SGX1", "sgx1"), ("SGX2", "sgx2"), ("FLC", "flc"))


@sgx.text
def sgx_text(value: SGXInfo) -> Iterator[str]:
    """Yield features and sections; older machines have the total size first."""
    features: Mapping[str, object] = value
    for label, key in _SGX_FEATURES:
        yield f"{label} support: {'enabled' if features[key] else 'disabled'}"
    if "section-size" in value:
        yield f"size: {value['section-size']}"
    sections = value.get("sections", ())
    for section in sections:
        yield f"NUMA node #{section['node']}: size={section['size']}"
    if "section-size" not in value:
        yield f"total size={sum(section['size'] for section in sections)}"


@sgx.view
def sgx_view(value: SGXInfo) -> RenderableType:
    """Show the sizes of the enclave memory, then the features."""
    sections = value.get("sections", ())
    features: Mapping[str, object] = value
    return views.facts(
        [
            ("enclave memory", size_text(sum(section["size"] for section in sections))),
            *(
                (f"on node {section['node']}", size_text(section["size"]))
                for section in sections
            ),
            *(
                (label, views.state("enabled" if features[key] else "disabled"))
                for label, key in _SGX_FEATURES
            ),
        ]
    )
