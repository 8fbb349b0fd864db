"""The guest's network: clients, user-mode networks, the rocker switch, RDMA."""

from hmp.authoring import Kind, info

CATEGORY = "Network"

_ROCKER = {"name": Kind("rocker switch")}

PASSTHROUGHS = (
    info.passthrough("network", help="show the network clients and how they connect"),
    info.passthrough("usernet", help="show the connections of user-mode networks"),
    info.passthrough(
        "rocker", args_type="name:s", help="show a rocker switch", kinds=_ROCKER
    ),
    info.passthrough(
        "rocker-ports",
        args_type="name:s",
        help="show the ports of a rocker switch",
        kinds=_ROCKER,
    ),
    info.passthrough(
        "rocker-of-dpa-flows",
        args_type="name:s,tbl_id:i?",
        help="show the flows of a rocker switch (of one table when its id is given)",
        kinds=_ROCKER,
    ),
    info.passthrough(
        "rocker-of-dpa-groups",
        args_type="name:s,type:i?",
        help="show the groups of a rocker switch (of one type when it is given)",
        kinds=_ROCKER,
    ),
    info.passthrough("rdma", help="show the state of RDMA devices"),
)
