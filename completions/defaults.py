"""The default kinds of arguments, by type letter.

``>``: files that hmp itself opens. ``!``: what to do after an error.
"""

from completions.block import BLOCK_DEVICE
from completions.cpu import REGISTER
from completions.file import FILE, OUR_FILE
from completions.next_step import NEXT_STEP

KINDS = {
    ">": OUR_FILE,
    "!": NEXT_STEP,
    "F": FILE,
    "B": BLOCK_DEVICE,
    "i": REGISTER,
    "l": REGISTER,
    "M": REGISTER,
}
