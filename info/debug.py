"""The insides of QEMU: translation, tracing, profiles, statistics."""

from completions.trace import TRACE_EVENT
from hmp.authoring import Kind, info

CATEGORY = "Debugging"

PASSTHROUGHS = (
    info.passthrough("jit", help="show what the translator of guest code did"),
    info.passthrough("opcount", help="show how often each TCG operation was made"),
    info.passthrough("profile", help="show where the time goes"),
    info.passthrough(
        "sync-profile",
        args_type="mean:-m,no_coalesce:-n,max:i?",
        help="show who waited for locks (-m: sorted by mean time, -n: objects apart)",
        example="info sync-profile -m 15",
    ),
    info.passthrough(
        "trace-events",
        args_type="name:s?,vcpu:i?",
        help="show the trace events and which are on (name may hold * and ?)",
        kinds={"name": TRACE_EVENT},
        example="info trace-events virtio*",
        failure=r"\Aunknown event ",
    ),
    info.passthrough(
        "stats",
        args_type="target:s,names:s?,provider:s?",
        help="show statistics of the machine or its CPUs",
        kinds={
            "target": Kind(
                "target",
                [
                    ("vm", "the machine as a whole"),
                    ("vcpu", "the current CPU"),
                    ("cryptodev", "the crypto devices"),
                ],
            )
        },
        example="info stats vcpu exits,halt_exits kvm",
        failure=r"\Ainvalid stats (target|provider) ",
    ),
)
