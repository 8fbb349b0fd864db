"""Our style names and their definitions, for Rich and prompt_toolkit alike.

The colours are those of the 256 that terminals have and users do not redefine. Each has a
contrast of at least 4.5 to 1 against black and against white, so that they can be read on
either; few colours have.
"""

GREEN, BLUE, PURPLE, RED, PINK, GREY = 29, 63, 98, 131, 163, 243
"""The numbers of such colours."""
HEX = {
    GREEN: "#00875f",
    BLUE: "#5f5fff",
    PURPLE: "#875fd7",
    RED: "#af5f5f",
    PINK: "#d700af",
    GREY: "#767676",
}
"""The same as prompt_toolkit writes them."""

STYLES = {
    "hmp.title": "bold",
    "hmp.heading": f"bold color({BLUE})",
    "hmp.label": f"color({BLUE})",
    "hmp.name": "bold",
    "hmp.detail": f"color({GREY})",
    "hmp.guide": f"color({GREY})",
    "hmp.good": f"color({GREEN})",
    "hmp.bad": f"bold color({RED})",
    "hmp.idle": f"color({PURPLE})",
    "hmp.changed": f"bold color({PINK})",
    "hmp.error": f"color({RED})",
    "hmp.mark": f"bold color({RED})",
    "hmp.hint": f"color({PURPLE})",
}
"""Rich's style by our name."""
