"""Values that many things take."""

SWITCH = (("on", ""), ("off", ""))
