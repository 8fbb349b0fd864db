"""Memory: backends, devices, and how it is mapped."""

from hmp.authoring import info

CATEGORY = "Memory"

PASSTHROUGHS = (
    info.passthrough("memdev", help="show the memory backends"),
    info.passthrough("memory-devices", help="show the memory devices"),
    info.passthrough("memory_size_summary", help="show base and plugged memory in bytes"),
    info.passthrough(
        "mtree",
        args_type="flatview:-f,dispatch_tree:-d,owner:-o,disabled:-D",
        params="[-f][-d][-o][-D]",
        help="show the memory regions (-f: flat, -d: with dispatch tree, -o: with owners,"
        " -D: the disabled ones too)",
    ),
    info.passthrough("ramblock", help="show the blocks of guest RAM"),
    info.passthrough("dump", help="show how far a dump of the guest's memory is"),
    info.passthrough(
        "skeys",
        args_type="addr:l",
        params="address",
        help="show a storage key (s390x)",
    ),
    info.passthrough(
        "cmma",
        args_type="addr:l,count:l?",
        params="address [count]",
        help="show storage attributes of pages (s390x)",
    ),
)
