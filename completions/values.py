"""Values that many things take."""

FORWARD = "[tcp|udp]:[host address]:host port-[guest address]:guest port"
SWITCH = (("on", ""), ("off", ""))
