"""Migration, and how fast the guest dirties its memory."""

from hmp.authoring import info

CATEGORY = "Migration"

PASSTHROUGHS = (
    info.passthrough(
        "migrate",
        args_type="all:-a",
        help="show how far a migration is (-a: all there is to know)",
    ),
    info.passthrough("migrate_capabilities", help="show which capabilities are on"),
    info.passthrough("migrate_parameters", help="show the parameters of migrations"),
    info.passthrough("dirty_rate", help="show the measured rate of dirtied memory"),
    info.passthrough("vcpu_dirty_limit", help="show the CPUs' limits on dirtied memory"),
    info.passthrough("replay", help="show whether execution is recorded or replayed"),
)
