"""Migration, dirty rates, record and replay."""

from completions.cpu import CPU_INDEX
from completions.migration import (
    MIGRATION_CAPABILITY,
    MIGRATION_PARAMETER,
    MIGRATION_URI,
)
from hmp.authoring import DESTRUCTIVE, command

CATEGORY = "Migration"

_URI = {"uri": MIGRATION_URI}

PASSTHROUGHS = (
    command.passthrough(
        "migrate",
        args_type="detach:-d,blk:-b,inc:-i,resume:-r,uri:s",
        params="[-d] [-r] uri",
        help="move the machine to another QEMU (-d: do not wait, -r: resume a paused"
        " postcopy migration)",
        kinds=_URI,
        example="migrate -d tcp:otherhost:4444",
    ),
    command.passthrough("migrate_cancel", help="cancel the running migration"),
    command.passthrough(
        "migrate_continue",
        args_type="state:s",
        help="let a migration go on that waits in a state",
        example="migrate_continue pre-switchover",
    ),
    command.passthrough(
        "migrate_incoming",
        args_type="uri:s",
        help="wait for a migration to come in (after -incoming defer)",
        kinds=_URI,
    ),
    command.passthrough(
        "migrate_recover",
        args_type="uri:s",
        help="wait for a paused postcopy migration to go on",
        kinds=_URI,
    ),
    command.passthrough("migrate_pause", help="pause a postcopy migration"),
    command.passthrough(
        "migrate_set_capability",
        args_type="capability:s,state:b",
        help="switch a capability of migrations on or off",
        kinds={"capability": MIGRATION_CAPABILITY},
        example="migrate_set_capability events on",
    ),
    command.passthrough(
        "migrate_set_parameter",
        args_type="parameter:s,value:S",
        help="set a parameter of migrations",
        kinds={"parameter": MIGRATION_PARAMETER},
        example="migrate_set_parameter max-bandwidth 100M",
    ),
    command.passthrough(
        "migrate_start_postcopy", help="let a running migration go on as postcopy"
    ),
    command.passthrough(
        "x_colo_lost_heartbeat", help="tell COLO that its other side is lost"
    ),
    command.passthrough(
        "migration_mode",
        args_type="mode:i",
        help="choose whether storage attributes are migrated (s390x)",
    ),
    command.passthrough(
        "calc_dirty_rate",
        args_type="dirty_ring:-r,dirty_bitmap:-b,second:l,sample_pages_per_GB:l?",
        help="measure how fast the guest dirties its memory, for so many seconds (-r: by"
        " the dirty ring, -b: by the dirty bitmap)",
        example="calc_dirty_rate 1",
        failure=r"\A(Incorrect period length|Either dirty ring or dirty bitmap)",
    ),
    command.passthrough(
        "set_vcpu_dirty_limit",
        args_type="dirty_rate:l,cpu_index:l?",
        help="limit how fast CPUs may dirty memory, in MB/s",
        kinds={"cpu_index": CPU_INDEX},
    ),
    command.passthrough(
        "cancel_vcpu_dirty_limit",
        args_type="cpu_index:l?",
        help="lift the limit on dirtied memory",
        kinds={"cpu_index": CPU_INDEX},
    ),
    command.passthrough(
        "replay_break",
        args_type="icount:l",
        help="stop the replay at an instruction count",
        failure=r"\A.",
    ),
    command.passthrough(
        "replay_delete_break", help="delete the replay's breakpoint", failure=r"\A."
    ),
    command.passthrough(
        "replay_seek",
        args_type="icount:l",
        help="replay to an instruction count",
        effect=DESTRUCTIVE,
        failure=r"\A.",
    ),
)
