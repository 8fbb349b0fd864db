"""Texts and views of virtio devices: what was agreed on, queues, their elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.authoring import releases, views
from info._text import filled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from rich.console import Group, RenderableType
    from rich.text import Text

    from hmp.authoring import Call

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


def status_lines(value: Any, call: Call) -> Iterator[str]:
    """Yield the lines of a VirtioStatus."""
    vhost = value.get("vhost-dev")
    words = {"vhost": "(vhost)" if vhost is not None else ""}
    yield f"{call.args['path']}:"
    yield from filled(
        _STATUS, {**value, **words, "bus-name": value["bus-name"] or "(null)"}
    )
    yield from _listing(value["status"], "statuses")
    for kind in ("Guest", "Host", "Backend"):
        yield f"  {kind} features:"
        yield from _feature_lines(value[f"{kind.lower()}-features"], call.version)
    if vhost is None:
        return
    yield from filled(_VHOST, vhost)
    for label, key in (
        ("Features", "features"),
        ("Acked features", "acked-features"),
        ("Backend features", "backend-features"),
    ):
        if key in vhost:
            yield f"    {label}:"
            yield from _feature_lines(vhost[key], call.version)
    yield "    Protocol features:"
    yield from _listing(vhost["protocol-features"], "protocols")


def _listing(words: Any, key: str) -> Iterator[str]:
    """Yield words of a member, and the bits that have none; an empty line without any."""
    yield _joined(words[key])
    unknown = f"unknown-{key}"
    if unknown in words:
        yield f"  {unknown}(0x{words[unknown]:016x})"


def _joined(words: Iterable[str]) -> str:
    return ",\n".join(f"\t{word}" for word in words)


def _feature_lines(features: Any, version: tuple[int, int, int]) -> Iterator[str]:
    yield _joined(features["transports"])
    if features.get("dev-features"):
        yield _joined(features["dev-features"])
    low = features.get("unknown-dev-features")
    high = features.get("unknown-dev-features2")
    if low is not None or high is not None:
        upper = f"{high or 0:016x}" if version >= releases.FEATURE_BITS else ""
        yield f"  unknown-features(0x{upper}{low or 0:016x})"


def status_view(value: Any) -> Group:
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


def _features_view(value: Any) -> RenderableType:
    """Return what the device offers, and what of it the driver took."""
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


def _features(features: Any) -> list[str]:
    return [*features["transports"], *features.get("dev-features", ())]


def queue_view(value: Any) -> RenderableType:
    """Return how far the device is with what the driver gave it, then the ring."""
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
            *(
                (name, f"0x{value[f'vring-{name}']:x}")
                for name in ("desc", "avail", "used")
            ),
        ]
    )


def vhost_queue_view(value: Any) -> RenderableType:
    """Return the file descriptors of a queue's events, then the ring."""
    return views.facts(
        [
            ("device", f"{value['name']} (vhost)"),
            ("kick descriptor", value["kick"]),
            ("call descriptor", value["call"]),
            ("entries", value["num"]),
            *(
                (name, f"0x{value[f'{name}-phys']:x}, {value[f'{name}-size']} bytes")
                for name in ("desc", "avail", "used")
            ),
        ]
    )


def element_lines(value: Any, call: Call) -> Iterator[str]:
    """Yield the lines of a VirtioQueueElement."""
    yield f"{call.args['path']}:"
    yield f"  device_name: {value['name']}"
    yield f"  index:   {value['index']}"
    yield "  desc:"
    yield "    descs:"
    yield ",\n".join(map(_descriptor, value["descs"]))
    yield from filled(_ELEMENT_RINGS, value)


def _descriptor(desc: Any) -> str:
    flags = f" ({', '.join(desc['flags'])})" if desc["flags"] else ""
    return f"        addr 0x{desc['addr']:x} len {desc['len']}{flags}"


def element_view(value: Any) -> Group:
    """Return a table of the descriptors below what the rings say."""
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
