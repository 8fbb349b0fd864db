"""Cryptographic devices: TPMs and crypto accelerators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hmp.authoring import Monitor, QDict, bare_errors, info, views

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import QCryptodevInfo, TPMInfo

CATEGORY = "Devices"


@info(
    "tpm",
    help="show the TPM devices",
    qmp=["query-tpm"],
    failure=r"\ATPM device not supported\n",
    after_preconfig=True,
)
async def tpm(mon: Monitor, args: QDict) -> list[TPMInfo]:
    """Return a list of TPMInfo."""
    # QEMU's monitor prints this for every error of the query
    with bare_errors("TPM device not supported\n"):
        return await mon.qmp.execute("query-tpm")


@tpm.text
def tpm_text(value: list[TPMInfo]) -> Iterator[str]:
    """Yield two lines per device: its model, and its backend."""
    if value:
        yield "TPM device:"
    for number, device in enumerate(value):
        options = "".join(f",{pair}" for pair in _tpm_options(device))
        yield f" tpm{number}: model={device['model']}"
        yield f"  \\ {device['id']}: type={device['options']['type']}{options}"


def _tpm_options(device: TPMInfo) -> Iterator[str]:
    data = device["options"].get("data")
    for key in ("path", "cancel-path", "chardev"):
        if isinstance(data, dict) and key in data:
            yield f"{key}={data[key]}"


@tpm.view
def tpm_view(value: list[TPMInfo]) -> RenderableType:
    """Show a table of the devices."""
    if not value:
        return views.text("no TPM device", "hmp.detail")
    return views.table(
        "tpm",
        "model",
        "type",
        "backend",
        rows=(
            (
                device["id"],
                device["model"],
                device["options"]["type"],
                ", ".join(_tpm_options(device)),
            )
            for device in value
        ),
    )


cryptodev: Declaration[list[QCryptodevInfo]] = info.direct(
    "cryptodev", "query-cryptodev", help="show the crypto devices and their queues"
)


@cryptodev.text
def cryptodev_text(value: list[QCryptodevInfo]) -> Iterator[str]:
    """Yield the services of each device, then its queues."""
    for device in value:
        yield f"{device['id']}: service=[{'|'.join(device['service'])}]"
        for client in device["client"]:
            yield f"    queue {client['queue']}: type={client['type']}"


@cryptodev.view
def cryptodev_view(value: list[QCryptodevInfo]) -> RenderableType:
    """Show a table of the devices."""
    if not value:
        return views.text("no crypto device", "hmp.detail")
    return views.table(
        "device",
        "services",
        ">queues",
        "types",
        rows=(
            (
                device["id"],
                ", ".join(device["service"]),
                len(device["client"]),
                ", ".join(sorted({client["type"] for client in device["client"]})),
            )
            for device in value
        ),
    )
