"""Lines that hold a secret, in the forms in which people write them."""

from __future__ import annotations

from collections.abc import Iterator

SECRET = "Hq7zKw9tV"
"""No part of it is a word of anything else."""

_S = SECRET
FORMS = [
    f"set_password vnc {_S}",
    f"set_password -d d0 vnc {_S}",
    f"set_password -Z {_S}",
    f'set_password spice "{_S}" keep',
    f"change vnc password {_S}",
    f"change vnc -f passwd {_S}",
    f"object_add secret,id=s0,data={_S}",
    f"object_add secret,data={_S},id=s0",
    f"object_add qom-type=secret,id=s0,format=raw,data={_S}",
    f'object_add "secret,id=s0,data={_S}"',
    f"object_add tls-creds-psk,id=t0,password={_S}",
    f'object_add {{"qom-type":"secret","id":"s0","data":"{_S}"}}',
    f"qom-set /objects/s0 data {_S}",
    f"qom-set -j /objects/s0 data {_S}",
    f'qom-set /objects/s0 data "{_S}"',
    f"qmp set_password protocol=vnc password={_S}",
    f"qmp change-vnc-password password={_S}",
    f"qmp object-add qom-type=secret id=s0 data={_S}",
    f"qmp qom-set path=/objects/s0 property=data value={_S}",
    f'qmp human-monitor-command command-line="set_password vnc {_S}"',
    f'qmp human-monitor-command command-line="object_add secret,id=s0,data={_S}"',
    f'qmp {{"execute":"set_password","arguments":{{"protocol":"vnc","password":"{_S}"}}}}',
    f'qmp object-add {{"qom-type":"secret","id":"s0","data":"{_S}"}}',
    'qmp {"execute":"object-add","arguments":'
    f'{{"qom-type":"secret","id":"s","data":"{_S}"}}}}',
    f'qmp qom-set {{"path":"/objects/s0","property":"data","value":"{_S}"}}',
    'qmp {"execute":"human-monitor-command","arguments":'
    f'{{"command-line":"change vnc password {_S}"}}}}',
    f"drive_add 0 file=https://user:{_S}@host/x.img,if=none",
    f"explain set_password vnc {_S}",
    f"alias p set_password vnc {_S}",
    f"watch -n 1 set_password vnc {_S}",
    f"netdev_add x,password={_S}",
]

ORDINARY = [
    "info status",
    "info registers -a",
    "stop",
    "quit",
    "help set_password vnc",
    "set_password",
    "set_password vnc",
    "change vnc password",
    "expire_password vnc +60",
    "change ide1-cd0 /tmp/password.iso",
    "change ide1-cd0 /tmp/x.iso raw",
    "object_add iothread,id=secret0,poll-max-ns=5",
    "object_add memory-backend-ram,id=m,size=1M",
    "object_add secret,id=s,file=/tmp/pw,format=base64",
    "object_add tls-creds-x509,id=t,endpoint=server,dir=/x,verify-peer=off,passwordid=s",
    "object_del secret0",
    "qom-get /objects/s data",
    "qom-list /objects/s",
    "qom-set /machine value x",
    "qom-set /objects/io0 poll-max-ns 1000",
    "qmp query-status",
    "qmp object-add qom-type=iothread id=data",
    "qmp qom-set path=/machine property=x value=1",
    "qmp qom-get path=/objects/s property=data",
    "qmp expire_password protocol=vnc time=now",
    "alias password info status",
    "blockdev_add driver=luks,key-secret=sec0",
    "drive_add 0 file=x.img,encrypt.format=luks,encrypt.key-secret=sec0",
    "drive_add 0 file=nbd://localhost:10809/x",
    "drive_add 0 file=ssh://root@host/x",
    "chardev-add socket,id=c,host=1.2.3.4,port=5",
    "migrate -d tcp:0:4444",
    'migrate "exec:gzip -c > /tmp/x"',
    "x/4xg $pc",
    "p 1+2",
    "netdev_add user,id=n,hostfwd=tcp:127.0.0.1:5555-10.0.2.15:22",
    "device_add virtio-net-pci,netdev=n,mac=52:54:00:12:34:56",
    "vnc :1,password=on",
    "savevm password",
    "sendkey ctrl-alt-delete",
    "set_link n on",
    "",
    " ",
    "#",
    "nonsense here",
    "ringbuf_write c hello",
]


def mistyped(line: str) -> Iterator[str]:
    """Yield the line with one letter missing, added, wrong or in its neighbour's place.

    The secret itself stays as it is.
    """
    begin = line.index(SECRET)
    end = begin + len(SECRET)
    for place in [*range(begin), *range(end, len(line))]:
        before, rest = line[:place], line[place:]
        yield before + rest[1:]
        for char in "x _=,":
            yield before + char + rest
            yield before + char + rest[1:]
        if place + 1 not in (begin, len(line)):
            yield before + rest[1] + rest[0] + rest[2:]
