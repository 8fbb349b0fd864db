"""Options at the beginning of a text, for the session's own commands.

QEMU's argument language has single letters only; ``wait STOP --timeout 5`` is ours.
"""

from __future__ import annotations

from hmp.monitor.errors import CommandFailedError


def take_options(text: str, known: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Take options with a value off the words of a text, wherever they stand.

    known: the key of each option by its spelling, as in ``{"-n": "interval"}``. Returns
    the text without them, and the values by key. Raises CommandFailedError for an option
    without value.
    """
    words = text.split()
    if not any(word in known for word in words):
        return text.strip(), {}
    rest: list[str] = []
    values: dict[str, str] = {}
    index = 0
    while index < len(words):
        word = words[index]
        if word in known:
            if index + 1 == len(words):
                raise CommandFailedError(f"Error: a value is expected behind {word}\n")
            values[known[word]] = words[index + 1]
            index += 2
        else:
            rest.append(word)
            index += 1
    return " ".join(rest), values


def take_leading(text: str, known: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Take options off the beginning of a text only; the rest stays as it is."""
    values: dict[str, str] = {}
    rest = text.lstrip()
    while True:
        word, _, behind = rest.partition(" ")
        if word not in known:
            return rest, values
        value, _, rest = behind.lstrip().partition(" ")
        if not value:
            raise CommandFailedError(f"Error: a value is expected behind {word}\n")
        values[known[word]] = value
        rest = rest.lstrip()


def seconds(text: str, name: str) -> float:
    """Read a positive number of seconds. Raises CommandFailedError."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise CommandFailedError(f"Error: {name} wants a positive number of seconds\n")
    return value
