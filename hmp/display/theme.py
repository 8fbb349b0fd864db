"""Our style names and their definitions, for Rich and prompt_toolkit alike."""

STYLES = {
    "hmp.title": "bold",
    "hmp.heading": "bold cyan",
    "hmp.label": "cyan",
    "hmp.name": "bold",
    "hmp.detail": "dim",
    "hmp.guide": "dim",
    "hmp.good": "green",
    "hmp.bad": "bold red",
    "hmp.idle": "yellow",
    "hmp.changed": "bold yellow",
    "hmp.error": "red",
    "hmp.mark": "bold red",
    "hmp.hint": "yellow",
}
"""Rich's style by our name."""
