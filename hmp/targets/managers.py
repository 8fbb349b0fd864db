"""Who manages a QEMU, and what they call it, by the places where they keep its sockets."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_PLACES = (
    ("Proxmox", r"(?:/var)?/run/qemu-server/(?P<name>\d+)\.\w+"),
    ("incus", r".*/incus/(?P<name>[^/]+)/qemu\.\w+"),
    ("LXD", r".*/lxd/(?:logs/)?(?P<name>[^/]+)/qemu\.\w+"),
    ("colima", r".*/\.colima/_lima/(?:colima-)?(?P<name>[^/]+)/qmp\.sock"),
    ("lima", r".*/\.lima/(?P<name>[^/]+)/qmp\.sock"),
    ("podman", r".*/podman/qmp_(?P<name>[^/]+)\.sock"),
    ("minikube", r".*/\.minikube/machines/(?P<name>[^/]+)/(?:monitor|qmp)"),
    ("docker-machine", r".*/machines/(?P<name>[^/]+)/(?:monitor|qmp)"),
    ("kata", r"(?:/run|/var/run)/(?:kata-containers/)?vc/vm/(?P<name>[^/]+)/.*"),
    ("quickemu", r".*/(?P<name>[^/]+)-monitor\.sock(?:et)?"),
    ("NixOS test", r".*/vm-state-(?P<name>[^/]+)/.*"),
    ("GNS3", r".*/project-files/qemu/[^/]+(?:/.*)?"),
    ("EVE-NG", r"/opt/unetlab/.*"),
    ("multipass", r".*/multipassd?/vault/instances/(?P<name>[^/]+)/.*"),
)
"""The managers, and patterns of places with the name of a machine."""


def manager_of(paths: Iterable[str]) -> tuple[str, str]:
    """Return the manager that keeps files at these paths, and its name for the machine.

    The paths are those of sockets, of a configuration, and the current folder. Either is
    empty if unknown.
    """
    paths = list(paths)
    for program, place in _PLACES:
        for path in paths:
            if match := re.fullmatch(place, path):
                return program, match.groupdict().get("name") or ""
    return "", ""
