"""What arguments name that have no kind of their own, by their type letter."""

from completions.block import BLOCK_DEVICE
from completions.cpu import REGISTER
from completions.file import FILE

KINDS = {"F": FILE, "B": BLOCK_DEVICE, "i": REGISTER, "l": REGISTER, "M": REGISTER}
