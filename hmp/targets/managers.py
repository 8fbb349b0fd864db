"""Who manages a QEMU, and what they call it, by the places where they keep its sockets."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_PLACES = (
    ("Proxmox", "/qemu-server/", r"(?:/var)?/run/qemu-server/(?P<name>\d+)\.\w+"),
    ("incus", "/incus/", r".*/incus/(?P<name>[^/]+)/qemu\.\w+"),
    ("LXD", "/lxd/", r".*/lxd/(?:logs/)?(?P<name>[^/]+)/qemu\.\w+"),
    ("colima", "/.colima/", r".*/\.colima/_lima/(?:colima-)?(?P<name>[^/]+)/qmp\.sock"),
    ("lima", "/.lima/", r".*/\.lima/(?P<name>[^/]+)/qmp\.sock"),
    ("podman", "/podman/", r".*/podman/qmp_(?P<name>[^/]+)\.sock"),
    ("minikube", "/.minikube/", r".*/\.minikube/machines/(?P<name>[^/]+)/(?:monitor|qmp)"),
    ("docker-machine", "/machines/", r".*/machines/(?P<name>[^/]+)/(?:monitor|qmp)"),
    ("kata", "/vc/", r"(?:/run|/var/run)/(?:kata-containers/)?vc/vm/(?P<name>[^/]+)/.*"),
    ("quickemu", "-monitor.sock", r".*/(?P<name>[^/]+)-monitor\.sock(?:et)?"),
    ("NixOS test", "vm-state-", r".*/vm-state-(?P<name>[^/]+)/.*"),
    ("GNS3", "/project-files/", r".*/project-files/qemu/[^/]+(?:/.*)?"),
    ("EVE-NG", "/unetlab/", r"/opt/unetlab/.*"),
    ("multipass", "multipass", r".*/multipassd?/vault/instances/(?P<name>[^/]+)/.*"),
)
"""The managers, a part of the places where they keep files, and the places' patterns.

The part is looked for first, since the patterns take milliseconds to compile.
"""


def manager_of(paths: Iterable[str]) -> tuple[str, str]:
    """Return the manager that keeps files at these paths, and its name for the machine.

    The paths are those of sockets, of a configuration, and the current folder. Either is
    empty if unknown.
    """
    paths = list(paths)
    # the first that fits: colima's places look like lima's, minikube's like
    # docker-machine's
    for program, part, place in _PLACES:
        for path in paths:
            if part in path and (match := re.fullmatch(place, path)):
                return program, match.groupdict().get("name") or ""
    return "", ""
