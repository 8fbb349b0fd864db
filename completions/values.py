"""Values that several kinds share."""

FORWARD = "[tcp|udp]:[host address]:host port-[guest address]:guest port"
SWITCH = (("on", ""), ("off", ""))
