"""Native commands do to a machine what QEMU's own monitor does, and say the same.

Twin machines get the same lines, one from each monitor; then both are asked what has
become of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from tests.qemu.conftest import Session

STATE = [
    "info status",
    "info block -v",
    "info chardev",
    "info mice",
    "info pci",
    "info network",
    "info iothreads",
    "info memdev",
    "info qom-tree /objects",
    "info qom-tree /machine/peripheral",
    "info balloon",
    "info trace-events qmp_job_*",
]

SEQUENCES = {
    "run state": [
        "stop",
        "s",
        "cont",
        "info status",
        "c",
        "stop",
        "info status",
        "stop x",
        "system_reset",
        "system_powerdown",
        "system_wakeup",
        "nmi",
        "cont now",
        "watchdog_action pause",
        "watchdog_action PAUSE",
        "watchdog_action nope",
        "watchdog_action inject-nmi",
        "watchdog_action",
        "info status",
    ],
    "cpu": [
        "cpu 0",
        "cpu 1",
        "cpu 2",
        "cpu 7",
        "cpu -1",
        "cpu x",
        "cpu",
    ],
    "block": [
        "eject cd0",
        "eject d0",
        "eject -f d0",
        "eject nope",
        "eject",
        "eject -x d0",
        "eject -f",
        "block_resize d0 96M",
        "block_resize d0 100",
        "block_resize n1 1",
        "block_resize nope 1",
        "block_resize d0",
        "block_resize d0 x",
        "block_resize d0 -1",
        "block_resize d0 1.5",
        "block_resize d0 1.5B",
        "block_resize d0 0x100",
        "block_resize d0 1E",
        "info block",
    ],
    "devices": [
        "device_add usb-mouse,id=m1",
        "device_add usb-mouse,id=m1",
        "device_add",
        "device_add nope",
        "device_add usb-mouse,nope=1",
        "device_add ,id=x",
        "device_add usb-mouse,id=1",
        'device_add "usb-mouse,id=m2"',
        "device_add virtio-blk-pci,drive=nope,id=b1",
        "device_add virtio-rng-pci,bus=rp0,id=r1,max-bytes=1024,period=1000",
        "device_add virtio-rng-pci,id=r2",
        "device_add e1000,bus=nope,id=e1",
        "device_add scsi-hd,id=sd2",
        "device_add usb-kbd,id=k1,port=3",
        "device_add usb-tablet,id=t1,serial=a,,b,display=nope",
        "device_add usb-tablet,id=t1,serial=a,,b",
        "device_add usb-tablet,id=on",
        "device_add usb-storage,id=s1,drive=n1,removable=on",
        "device_add usb-storage,id=s1,removable=maybe",
        "device_add driver=usb-mouse",
        "device_add virtio-net-pci,id=vn,bus=rp0,mac=52:54:00:12:34:99,mq=off",
        "device_add virtio-net-pci,id=vn,bus=rp0,mac=zz",
        "device_add pc-dimm,id=dm1",
        "device_add pc-dimm,id=dm1,memdev=m9",
        "device_add usb-mouse,id=m3,nope",
        "device_del m1",
        "device_del nope",
        "device_del",
        "device_del /machine",
        "device_del vb0",
        "device_del t1",
        "info qom-tree /machine/peripheral",
    ],
    "network": [
        "netdev_add user,id=u1",
        "netdev_add user,id=u1",
        "netdev_add user",
        "netdev_add",
        "netdev_add nope,id=u2",
        "netdev_add user,id=2",
        "netdev_add user,id=u3,restrict=on,net=10.1.0.0/24,dns=10.1.0.9",
        "netdev_add user,id=u4,restrict=maybe",
        "netdev_add user,id=u5,nope=1",
        "netdev_add hubport,id=h1,hubid=0",
        "netdev_add hubport,id=h2",
        "netdev_add hubport,id=h3,hubid=x",
        "netdev_add hubport,id=h4,hubid=0x10",
        "netdev_add user,id=u6,ipv6-prefixlen=65",
        "netdev_add id=u7",
        "netdev_add user,id=u8,dnssearch=a.example,hostname=g",
        "netdev_add user,id=u9,hostfwd=nonsense",
        "netdev_add socket,id=s1",
        "netdev_del u1",
        "netdev_del nope",
        "netdev_del",
        "netdev_del net0",
        "set_link nic0 off",
        "set_link net1 on",
        "set_link nope on",
        "set_link nic0 maybe",
        "set_link nic0",
        "set_link",
        "info network",
    ],
    "objects": [
        "object_add iothread,id=io1",
        "object_add iothread,id=io1",
        "object_add",
        "object_add iothread",
        "object_add nope,id=x",
        "object_add iothread,id=1",
        "object_add iothread,id=io2,poll-max-ns=1000,poll-grow=0x2",
        "object_add iothread,id=io3,poll-max-ns=x",
        "object_add iothread,id=io4,no=1",
        "object_add memory-backend-ram,id=mb1,size=1M,share=on,merge=off",
        "object_add memory-backend-ram,id=mb2,size=1M,host-nodes.0=0,policy=bind",
        "object_add memory-backend-ram,id=mb3,size=1M,share=maybe",
        "object_add memory-backend-ram,id=mb4,size=x",
        "object_add memory-backend-ram,id=mb5",
        "object_add rng-random,id=rng1",
        "object_add rng-random,id=rng2,filename=/dev/urandom",
        'object_add {"qom-type":"iothread","id":"io5"}',
        "object_add a=b",
        'object_add {"qom-type":"iothread","id":"io5"}',
        "object_add {",
        "object_add ,",
        'object_add {"qom-type":"iothread"}',
        "object_add {}",
        "object_add []",
        "object_add {'qom-type':'iothread','id':'io6'}",
        "object_add iothread,x",
        "object_add secret,id=sec0,data=letmein",
        "object_add qom-type=iothread,id=q",
        "object_add iothread,id=dd,a.b=1",
        "object_add iothread,id=dd,poll-max-ns.x=1",
        "object_add iothread,id=io7,thread-pool-min=5,thread-pool-max=6",
        "object_add iothread,id=io8,id=io9",
        "object_add  iothread,id=ioa ",
        "object_del io1",
        "object_del nope",
        "object_del",
        "object_del m0",
        "object_del io9",
        "object_del rng2",
        "info qom-tree /objects",
    ],
    "qom-set": [
        "qom-set /objects/io0 poll-max-ns 500",
        "qom-get /objects/io0 poll-max-ns",
        "qom-set /objects/io0 poll-max-ns x",
        "qom-set /objects/io0 nope 1",
        "qom-set nope x 1",
        "qom-set /objects/io0",
        "qom-set",
        "qom-set /objects/io0 x",
        "qom-set -j /objects/io0 poll-max-ns 700",
        "info iothreads",
        "qom-set -j /objects/io0 poll-max-ns {",
        'qom-set -j /objects/io0 id "x"',
        'qom-set -j /objects/io0 poll-max-ns "7"',
        "qom-set /machine/peripheral/rp0 x 1",
        "qom-set /machine/peripheral/bal guest-stats-polling-interval 2",
        "qom-get /machine/peripheral/bal guest-stats-polling-interval",
        "qom-set /objects/m1 merge off",
        "qom-set /objects/m1 merge nope",
        "qom-set /objects/m1 dump yes",
        "qom-get /objects/m1 merge",
        "qom-set /objects/m1 size 1",
        "qom-set /objects/m1 policy preferred",
        "qom-set /machine/peripheral/nic0 bootindex 3",
        "qom-get /machine/peripheral/nic0 bootindex",
        "qom-get /objects/m1",
    ],
    "chardevs": [
        "chardev-add null,id=a",
        "chardev-add null,id=a",
        "chardev-add nope,id=b",
        "chardev-add null",
        "chardev-add null,id=1",
        "chardev-add",
        "chardev-add id=x",
        "chardev-add file,id=c",
        "chardev-add file,id=c,path=/nope/x",
        "chardev-add file,id=c,path=out.txt,append=on,logfile=log.txt,logappend=on",
        "chardev-add socket,id=d",
        "chardev-add socket,id=d,host=localhost",
        "chardev-add socket,id=d,port=1",
        "chardev-add ,id=x",
        "chardev-add pipe,id=k",
        "chardev-add socket,id=d,path=d.sock,server=on,wait=off,telnet=on",
        "chardev-add socket,id=e,path=/nope/e,server=on,wait=off",
        "chardev-add socket,id=e,host=localhost,path=/x,port=1",
        "chardev-add socket,id=e,path=e.sock,server=off,wait=on",
        "chardev-add socket,id=e,path=e.sock,server=on,wait=off,tls-authz=s",
        "chardev-add socket,id=e,path=e.sock,server=on,wait=off,tls-creds=s",
        "chardev-add socket,id=e,path=e.sock,server,wait=off",
        "chardev-add socket,id=f,fd=nope",
        "chardev-add null,id=f,bogus=1",
        "chardev-add socket,id=f,path=f,server=on,wait=maybe",
        "chardev-add ringbuf,id=g,size=3",
        "chardev-add ringbuf,id=g,size=x",
        "chardev-add ringbuf,id=g,size=4k",
        "chardev-add memory,id=h",
        "chardev-add mux,id=i",
        "chardev-add null,id=j,mux=on",
        "chardev-add udp,id=l",
        "chardev-add udp,id=l,port=9,host=127.0.0.1",
        "chardev-add serial,id=l",
        "chardev-add parallel,id=l",
        "chardev-add vc,id=m,width=x",
        "chardev-add msmouse,id=n",
        "chardev-add null,id=o,append=x",
        "chardev-add null,id=o,mux=maybe",
        "chardev-add null,id=p,path=/x",
        "chardev-add pty,id=pty1",
        "chardev-change rb0 null",
        "chardev-change rb0 null,id=z",
        "chardev-change rb0",
        "chardev-change a null",
        "chardev-change nope null",
        "chardev-change rb0 nope",
        "chardev-change rb0 file,path=rb.txt",
        "chardev-send-break rb0",
        "chardev-send-break nope",
        "chardev-send-break",
        "chardev-remove a",
        "chardev-remove nope",
        "chardev-remove rb0",
        "chardev-remove",
        "info chardev",
    ],
    "input": [
        "sendkey a",
        "sendkey ctrl-alt-f1",
        "sendkey nope",
        "sendkey a-nope-b",
        "sendkey 0x1e",
        "sendkey 0xzz",
        "sendkey a-",
        "sendkey <",
        "sendkey shift-<",
        "sendkey a 10",
        "sendkey a -1",
        "sendkey a x",
        "sendkey",
        "sendkey -",
        "sendkey 0x",
        "sendkey A",
        "sendkey a 0xffffffff",
        "sendkey 0x1e-a 0",
    ],
    "memory": [
        'memsave 0xfffff000 4096 "virtual"',
        'pmemsave 0xf0000 65536 "physical"',
        "dump-guest-memory -p paged 0 4096",
        "info dump",
        "dump-guest-memory part 0 1",
        "dump-guest-memory -d far 0x100000000000 1",
        "info dump",
        "dump-guest-memory far 0x100000000000 1",
        "dump-guest-memory -z packed 0 1",
    ],
    "traces": [
        "trace-event qmp_job_pause on",
        "info trace-events qmp_job_*",
        "trace-event qmp_job_* on",
        "trace-event nope on",
        "trace-event *nope on",
        "trace-event qmp_job_pause off 0",
        "trace-event qmp_job_pause on 9",
        "trace-event qmp_job_pause maybe",
        "trace-event qmp_job_pause",
        "trace-event",
        "info trace-events qmp_job_*",
        "trace-event qmp_job_* off",
    ],
    "balloon": [
        "balloon 64",
        "balloon 0x40",
        "balloon -1",
        "balloon x",
        "balloon",
        "balloon 1+1",
        "balloon 0",
        "balloon 9999999999999999",
        "info balloon",
    ],
}


def normal(text: str, session: Session) -> str:
    """Mask what differs between machines that are the same otherwise."""
    for disk in re.findall(r"/[^ \n]*/(?:base|disk|raw)\.(?:qcow2|img)", text):
        text = text.replace(disk, f"DISK/{disk.rpartition('/')[2]}")
    text = text.replace(str(session.qemu.folder), "FOLDER")
    text = re.sub(r"thread_id=\d+", "thread_id=N", text)
    text = re.sub(r"#block\d+", "#blockN", text)
    text = re.sub(r"/dev/pts/\d+", "/dev/pts/N", text)
    text = re.sub(r"(date|DATE|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", "DATE", text)
    return re.sub(r"disk size: .*", "disk size: N", text)


@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences_say_and_do_the_same(twins: tuple[Session, Session], name: str) -> None:
    """Every line of a sequence answers alike, and leaves the same machine behind."""
    ours, theirs = twins

    for line in SEQUENCES[name]:
        assert (line, normal(ours.ours(line), ours)) == (
            line,
            normal(theirs.theirs(line), theirs),
        )
    assert states(ours) == states(theirs)
    assert files(ours) == files(theirs)


def files(session: Session) -> dict[str, bytes]:
    """Return what the machine wrote into its own folder."""
    found = (path for path in session.qemu.folder.iterdir() if path.is_file())
    return {path.name: path.read_bytes() for path in found if path.name != "log"}


def states(session: Session) -> Iterable[str]:
    """Return what QEMU itself says of the machine."""
    # iothreads and backends come in an order that means nothing
    return [
        "\n".join(sorted(normal(session.theirs(line), session).split("\n")))
        for line in STATE
    ]


def test_the_current_cpu_stays_in_our_monitor(twins: tuple[Session, Session]) -> None:
    """QEMU forgets the CPU between two lines of ours; we do not."""
    ours, _ = twins

    assert ours.ours("cpu 1") == ""

    assert [line[:8] for line in ours.ours("info cpus").splitlines()] == [
        "  CPU #0",
        "* CPU #1",
    ]
    assert ours.ours("info registers").startswith("\nCPU#1\n")
