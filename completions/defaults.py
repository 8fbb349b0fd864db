"""The default kinds of arguments, by type letter; ``>``: files that hmp itself opens."""

from completions.block import BLOCK_DEVICE
from completions.cpu import REGISTER
from completions.file import FILE, OUR_FILE

KINDS = {
    ">": OUR_FILE,
    "F": FILE,
    "B": BLOCK_DEVICE,
    "i": REGISTER,
    "l": REGISTER,
    "M": REGISTER,
}
