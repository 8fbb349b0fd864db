"""Screen, remote displays with their passwords, and sound."""

from completions.display import DISPLAY_ID, IF_CONNECTED, IMAGE_FORMAT, PROTOCOL
from hmp.authoring import command

CATEGORY = "Display and sound"

_PROTOCOL = {"protocol": PROTOCOL, "display": DISPLAY_ID}

PASSTHROUGHS = (
    command.passthrough(
        "screendump",
        args_type="filename:F,format:-fs,device:s?,head:i?",
        params="filename [-f format] [device [head]]",
        help="write a picture of the guest's screen to a file",
        kinds={"format": IMAGE_FORMAT},
        example="screendump /tmp/screen.png -f png",
    ),
    command.passthrough(
        "set_password",
        args_type="protocol:s,password:s,display:-ds,connected:s?",
        params="protocol password [-d display] [action-if-connected]",
        help="set the password of VNC or SPICE",
        kinds={**_PROTOCOL, "connected": IF_CONNECTED},
        secrets=["password"],
        example="set_password vnc secret",
    ),
    command.passthrough(
        "expire_password",
        args_type="protocol:s,time:s,display:-ds",
        params="protocol time [-d display]",
        help="say when the password of VNC or SPICE ends (now, never, +SECONDS, or a"
        " Unix time)",
        kinds=_PROTOCOL,
        example="expire_password vnc +60",
    ),
    command.passthrough(
        "client_migrate_info",
        args_type="protocol:s,hostname:s,port:i?,tls-port:i?,cert-subject:s?",
        params="protocol hostname port tls-port cert-subject",
        help="tell SPICE clients where the machine will be",
        kinds={"protocol": PROTOCOL},
    ),
    command.passthrough(
        "wavcapture",
        args_type="path:F,audiodev:s,freq:i?,bits:i?,nchannels:i?",
        params="path audiodev [frequency [bits [channels]]]",
        help="record the guest's sound to a file",
        failure=r"\A(?:warning: .*\n)?(?!warning: ).",
    ),
    command.passthrough(
        "stopcapture",
        args_type="n:i",
        params="capture index",
        help="end a sound recording",
    ),
    command.passthrough("clear", help="clear the screen"),
)
