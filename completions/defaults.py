"""The default kinds of arguments, by type letter."""

from completions.block import BLOCK_DEVICE
from completions.cpu import REGISTER
from completions.file import FILE

KINDS = {"F": FILE, "B": BLOCK_DEVICE, "i": REGISTER, "l": REGISTER, "M": REGISTER}
