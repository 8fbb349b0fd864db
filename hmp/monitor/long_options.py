"""Options at the beginning of a text, for the session's own commands.

QEMU's argument language only has single letters; ``wait STOP --timeout 5`` is our own.
Such a command takes its text to the end of the line and calls these functions first.
"""

from __future__ import annotations

from hmp.language.words import WordError, read_word
from hmp.monitor.errors import CommandFailedError


def take_options(text: str, known: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Remove options and their values from the words of a text, in any place.

    known: the key of each option by its spelling, as in ``{"-n": "interval"}``. Returns
    the text without them, and the values by key. Raises CommandFailedError for an option
    without a value.
    """
    # blanks within quotes are lost here, so only texts without options are left as they are
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
                raise CommandFailedError(f"Error: {word} needs a value\n")
            values[known[word]] = words[index + 1]
            index += 2
        else:
            rest.append(word)
            index += 1
    return " ".join(rest), values


def take_leading(text: str, known: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Remove options from the beginning of a text; the rest is returned unchanged.

    A value may have quotes, as every argument. Raises CommandFailedError for one that is
    missing or not readable.
    """
    values: dict[str, str] = {}
    rest = text.lstrip()
    while True:
        word, _, after = rest.partition(" ")
        if word not in known:
            return rest, values
        after = after.lstrip()
        try:
            values[known[word]], end = read_word(after, 0)
        except WordError as error:
            reason = f": {error.reason}" if error.reason else " needs a value"
            raise CommandFailedError(f"Error: {word}{reason}\n") from error
        rest = after[end:].lstrip()


def seconds(text: str, name: str) -> float:
    """Read a positive number of seconds. Raises CommandFailedError."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise CommandFailedError(f"Error: {name} needs a positive number of seconds\n")
    return value
