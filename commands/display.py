"""The guest's screen, remote displays and their passwords, and sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands._vnc import set_vnc_password
from completions.audio import AUDIODEV
from completions.device import DEVICE_ID
from completions.display import DISPLAY_ID, IF_CONNECTED, IMAGE_FORMAT, PROTOCOL
from completions.example import VNC_WITH_PASSWORD
from completions.free_text import CERTIFICATE, EXPIRY, HOST, PASSWORD
from hmp.authoring import (
    CommandFailedError,
    Monitor,
    QDict,
    Text,
    UsageError,
    command,
    known_word,
    refusal,
    screen_text,
)

if TYPE_CHECKING:
    from hmp.authoring import Empty

CATEGORY = "Display and sound"

_SHOW = "--show"
_PROTOCOL = {"protocol": PROTOCOL, "display": DISPLAY_ID}


@command(
    "screendump",
    args_type="filename:F?,format:-fs,device:s?,head:i?",
    params="filename [-f format] [device [head]]",
    help="save the guest's screen to a file (without a file, or with --show: draw it here)",
    arguments={
        "-f format": "ppm (the default) or png",
        "filename": "the file on QEMU's host; none, or --show, draws the screen here; where"
        " nothing can be drawn, as in scripts, --show prints the text of a screen in VGA"
        " text mode",
        "device": "the id of the display device; by default the first",
        "head": "the number of the device's output",
    },
    words="screenshot, picture of the screen, capture screen",
    qmp=["screendump", "pmemsave"],
    kinds={"format": IMAGE_FORMAT, "device": DEVICE_ID},
    checks=True,
    example="screendump /tmp/screen.ppm",
)
async def screendump(mon: Monitor, args: QDict) -> Empty | Text | None:
    """Save the screen of a device, by default that of the first console."""
    # QMP refuses a head without a device; QEMU's monitor sends 0 with one
    head = args.get("head", 0) if "device" in args else None
    shows = args.get("filename") == _SHOW
    if shows and (lacking := mon.connection.lacking(f"screendump {_SHOW}", "qmp")):
        raise refusal(lacking)
    if args.get("filename", _SHOW) == _SHOW and mon.front.screen:
        await mon.front.draw_screen(args.get("device"), head)
        return None
    if "filename" not in args:
        raise UsageError(mon.line.command, "screendump: filename expected", shown=True)
    if shows:
        return Text(await screen_text(mon, args.get("device"), head))
    with known_word(args.get("format", "")):
        return await mon.qmp.execute("screendump", {**args, "head": head})


@command(
    "set_password",
    args_type="protocol:s,password:s,display:-ds,connected:s?",
    params="protocol password [-d display] [action-if-connected]",
    help="set the VNC or SPICE password",
    arguments={
        "protocol": "vnc or spice",
        "password": "the new password",
        "-d display": "the id of the VNC display",
        "action-if-connected": "keep clients that are connected, disconnect them, or fail",
    },
    words="vnc password, spice password",
    qmp=["set_password", "query-vnc-servers"],
    kinds={**_PROTOCOL, "connected": IF_CONNECTED, "password": PASSWORD},
    secrets=["password"],
    example="set_password {protocol} secret",
    samples={"protocol": VNC_WITH_PASSWORD},
)
async def set_password(mon: Monitor, args: QDict) -> Empty:
    """Set a password. As in QEMU, the action for connected clients is checked first."""
    action = args.get("connected")
    if action is not None and all(action != word for word, _ in IF_CONNECTED.words):
        raise CommandFailedError(f"Error: invalid parameter value: {action}\n")
    with known_word(args["protocol"]):
        return await set_vnc_password(mon, "set_password", _of_protocol(args))


def _of_protocol(args: QDict) -> dict[str, object]:
    """Return the members, without the display unless the protocol is VNC."""
    display = args.get("display") if args["protocol"] == "vnc" else None
    return {**args, "display": display}


@command(
    "expire_password",
    args_type="protocol:s,time:s,display:-ds",
    params="protocol time [-d display]",
    help="set when the VNC or SPICE password expires (now, never, +SECONDS, or a"
    " Unix time)",
    arguments={
        "protocol": "vnc or spice",
        "time": "now, never, +SECONDS from now, or a Unix time in seconds",
        "-d display": "the id of the VNC display",
    },
    words="vnc password, spice password, timeout",
    qmp=["expire_password"],
    kinds={**_PROTOCOL, "time": EXPIRY},
    example="expire_password {protocol} +60",
    samples={"protocol": VNC_WITH_PASSWORD},
)
async def expire_password(mon: Monitor, args: QDict) -> Empty:
    """Set the time at which a password expires."""
    with known_word(args["protocol"]):
        return await mon.qmp.execute("expire_password", _of_protocol(args))


client_migrate_info = command.direct(
    "client_migrate_info",
    args_type="protocol:s,hostname:s,port:i?,tls-port:i?,cert-subject:s?",
    params="protocol hostname port tls-port cert-subject",
    help="tell SPICE clients where the machine migrates to",
    arguments={
        "protocol": "spice",
        "hostname": "the host that the machine moves to",
        "port": "its SPICE port",
        "tls-port": "its SPICE port with TLS",
        "cert-subject": "the subject of its TLS certificate",
    },
    words="spice",
    kinds={"protocol": PROTOCOL, "hostname": HOST, "cert-subject": CERTIFICATE},
)


PASSTHROUGHS = (
    command.passthrough(
        "wavcapture",
        args_type="path:F,audiodev:s,freq:i?,bits:i?,nchannels:i?",
        kinds={"audiodev": AUDIODEV},
        params="path audiodev [frequency [bits [channels]]]",
        help="record the guest's sound to a file",
        arguments={
            "path": "the WAV file on QEMU's host",
            "audiodev": "the sound backend's id",
            "frequency": "samples per second; by default 44100",
            "bits": "bits of a sample; by default 16",
            "channels": "1 or 2; by default 2",
        },
        words="record sound, audio",
        failure=r"\A(?:warning: .*\n)?(?!warning: ).",
    ),
    command.passthrough(
        "stopcapture",
        args_type="n:i",
        params="capture index",
        help="stop a sound recording",
        arguments={"capture index": "the number that 'info capture' shows"},
        words="record sound, audio",
    ),
)
