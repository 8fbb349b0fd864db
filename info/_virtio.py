"""Texts and views of virtio devices: negotiated features, queues and their elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.authoring import releases, views
from info._text import filled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rich.console import Group, RenderableType
    from rich.text import Text

    from hmp.authoring import Call
    from hmp.qmp.reply_types import (
        VirtioDeviceFeatures,
        VirtioQueueElement,
        VirtioRingDesc,
        VirtioStatus,
        VirtQueueStatus,
        VirtVhostQueueStatus,
    )

_STATUS = (
    "  device_name:             {name} {vhost}",
    "  device_id:               {device-id}",
    "  vhost_started:           {vhost-started}",
    "  bus_name:                {bus-name}",
    "  broken:                  {broken}",
    "  disabled:                {disabled}",
    "  disable_legacy_check:    {disable-legacy-check}",
    "  started:                 {started}",
    "  use_started:             {use-started}",
    "  start_on_kick:           {start-on-kick}",
    "  use_guest_notifier_mask: {use-guest-notifier-mask}",
    "  vm_running:              {vm-running}",
    "  num_vqs:                 {num-vqs}",
    "  queue_sel:               {queue-sel}",
    "  isr:                     {isr}",
    "  endianness:              {device-endian}",
    "  status:",
)

_VHOST = (
    "  VHost:",
    "    nvqs:           {nvqs}",
    "    vq_index:       {vq-index}",
    "    max_queues:     {max-queues}",
    "    n_mem_sections: {n-mem-sections}",
    "    n_tmp_sections: {n-tmp-sections}",
    "    backend_cap:    {backend-cap}",
    "    log_enabled:    {log-enabled}",
    "    log_size:       {log-size}",
)

QUEUE = (
    "  device_name:          {name}",
    "  queue_index:          {queue-index}",
    "  inuse:                {inuse}",
    "  used_idx:             {used-idx}",
    "  signalled_used:       {signalled-used}",
    "  signalled_used_valid: {signalled-used-valid}",
    "  last_avail_idx:       {last-avail-idx}",
    "  shadow_avail_idx:     {shadow-avail-idx}",
    "  VRing:",
    "    num:          {vring-num}",
    "    num_default:  {vring-num-default}",
    "    align:        {vring-align}",
    "    desc:         {vring-desc:#018x}",
    "    avail:        {vring-avail:#018x}",
    "    used:         {vring-used:#018x}",
)

VHOST_QUEUE = (
    "  device_name:          {name} (vhost)",
    "  kick:                 {kick}",
    "  call:                 {call}",
    "  VRing:",
    "    num:         {num}",
    "    desc:        {desc:#018x}",
    "    desc_phys:   {desc-phys:#018x}",
    "    desc_size:   {desc-size}",
    "    avail:       {avail:#018x}",
    "    avail_phys:  {avail-phys:#018x}",
    "    avail_size:  {avail-size}",
    "    used:        {used:#018x}",
    "    used_phys:   {used-phys:#018x}",
    "    used_size:   {used-size}",
)

_ELEMENT_RINGS = (
    "  avail:",
    "    flags: {avail[flags]}",
    "    idx:   {avail[idx]}",
    "    ring:  {avail[ring]}",
    "  used:",
    "    flags: {used[flags]}",
    "    idx:   {used[idx]}",
)


def status_lines(value: VirtioStatus, call: Call) -> Iterator[str]:
    """Yield the lines of a VirtioStatus."""
    vhost = value.get("vhost-dev")
    words = {"vhost": "(vhost)" if vhost is not None else ""}
    yield f"{call.args['path']}:"
    # C's printf writes "(null)" for a missing name
    yield from filled(
        _STATUS, {**value, **words, "bus-name": value["bus-name"] or "(null)"}
    )
    status = value["status"]
    yield from _listing(
        status["statuses"], "unknown-statuses", status.get("unknown-statuses")
    )
    for label, features in (
        ("Guest", value["guest-features"]),
        ("Host", value["host-features"]),
        ("Backend", value["backend-features"]),
    ):
        yield f"  {label} features:"
        yield from _feature_lines(features, call.version)
    if vhost is None:
        return
    yield from filled(_VHOST, vhost)
    for label, offered in (
        ("Features", vhost["features"]),
        ("Acked features", vhost["acked-features"]),
        ("Backend features", vhost.get("backend-features")),
    ):
        if offered is not None:
            yield f"    {label}:"
            yield from _feature_lines(offered, call.version)
    yield "    Protocol features:"
    protocols = vhost["protocol-features"]
    yield from _listing(
        protocols["protocols"], "unknown-protocols", protocols.get("unknown-protocols")
    )


def _listing(words: list[str], label: str, unknown: int | None) -> Iterator[str]:
    """Yield the names of bits, an empty line if none is set, and the unnamed bits."""
    yield _joined(words)
    if unknown is not None:
        yield f"  {label}(0x{unknown:016x})"


def _joined(words: Iterable[str]) -> str:
    return ",\n".join(f"\t{word}" for word in words)


def _feature_lines(
    features: VirtioDeviceFeatures, version: tuple[int, int, int]
) -> Iterator[str]:
    yield _joined(features["transports"])
    if features.get("dev-features"):
        yield _joined(features["dev-features"])
    low = features.get("unknown-dev-features")
    high = features.get("unknown-dev-features2")
    if low is not None or high is not None:
        # newer releases print 128 bits instead of 64
        upper = f"{high or 0:016x}" if version >= releases.FEATURE_BITS else ""
        yield f"  unknown-features(0x{upper}{low or 0:016x})"


def status_view(value: VirtioStatus) -> Group:
    """Return the state of a device, and a table of its features."""
    from rich.console import Group

    vhost = value.get("vhost-dev")
    state = "broken" if value["broken"] else "started" if value["started"] else "stopped"
    top = views.facts(
        [
            ("device", f"{value['name']} (id {value['device-id']})"),
            ("state", views.state(state, value["started"] and not value["broken"])),
            ("driver", ", ".join(map(_word, value["status"]["statuses"])) or "none"),
            ("queues", value["num-vqs"]),
            ("bus", value["bus-name"] or None),
            ("endianness", value["device-endian"]),
            ("vhost", None if vhost is None else f"{vhost['nvqs']} queues"),
        ]
    )
    return Group(top, "", _features_view(value))


def _word(text: str) -> str:
    return text.partition(":")[0].removeprefix("VIRTIO_CONFIG_S_").lower()


def _features_view(value: VirtioStatus) -> RenderableType:
    """Return a table of the features that the device offers, those in use first."""
    taken = set(_features(value["guest-features"]))
    rows: list[tuple[Text, str]] = [
        (
            views.state("taken" if feature in taken else "offered", feature in taken),
            feature,
        )
        for feature in sorted(
            _features(value["host-features"]), key=lambda feature: feature not in taken
        )
    ]
    return views.table("state", "feature", rows=rows)


def _features(features: VirtioDeviceFeatures) -> list[str]:
    return [*features["transports"], *features.get("dev-features", ())]


def queue_view(value: VirtQueueStatus) -> RenderableType:
    """Return the progress of the device and the driver, then the addresses of the ring."""
    valid = "" if value["signalled-used-valid"] else " (not valid)"
    return views.facts(
        [
            ("queue", f"{value['queue-index']} of {value['name']}"),
            ("in flight", f"{value['inuse']} of {value['vring-num']}"),
            ("next to take", value.get("last-avail-idx")),
            ("offered up to", value.get("shadow-avail-idx")),
            ("used up to", value["used-idx"]),
            ("signalled up to", f"{value['signalled-used']}{valid}"),
            ("entries by default", value["vring-num-default"]),
            ("alignment", value["vring-align"]),
            ("desc", f"0x{value['vring-desc']:x}"),
            ("avail", f"0x{value['vring-avail']:x}"),
            ("used", f"0x{value['vring-used']:x}"),
        ]
    )


def vhost_queue_view(value: VirtVhostQueueStatus) -> RenderableType:
    """Return the file descriptors of a queue's events, then the parts of the ring."""
    members: Mapping[str, object] = value
    return views.facts(
        [
            ("device", f"{value['name']} (vhost)"),
            ("kick descriptor", value["kick"]),
            ("call descriptor", value["call"]),
            ("entries", value["num"]),
            *(
                (name, f"0x{members[f'{name}-phys']:x}, {members[f'{name}-size']} bytes")
                for name in ("desc", "avail", "used")
            ),
        ]
    )


def element_lines(value: VirtioQueueElement, call: Call) -> Iterator[str]:
    """Yield the lines of a VirtioQueueElement."""
    yield f"{call.args['path']}:"
    yield f"  device_name: {value['name']}"
    yield f"  index:   {value['index']}"
    yield "  desc:"
    yield "    descs:"
    yield ",\n".join(map(_descriptor, value["descs"]))
    yield from filled(_ELEMENT_RINGS, value)


def _descriptor(desc: VirtioRingDesc) -> str:
    flags = f" ({', '.join(desc['flags'])})" if desc["flags"] else ""
    return f"        addr 0x{desc['addr']:x} len {desc['len']}{flags}"


def element_view(value: VirtioQueueElement) -> Group:
    """Return the positions in the rings, then a table of the descriptors."""
    from rich.console import Group

    avail, used = value["avail"], value["used"]
    top = views.facts(
        [
            ("element", f"{value['index']} of {value['name']}"),
            ("available", f"index {avail['idx']}, ring entry {avail['ring']}"),
            ("used", f"index {used['idx']}"),
            ("flags", f"available {avail['flags']}, used {used['flags']}"),
        ]
    )
    rows = (
        (f"0x{desc['addr']:x}", desc["len"], ", ".join(desc["flags"]))
        for desc in value["descs"]
    )
    return Group(top, "", views.table(">address", ">bytes", "flags", rows=rows))
