"""Keys of a keyboard, joined by ``-`` where several are held."""

from hmp.authoring import Kind

KEYS = Kind("key names joined by '-', or hexadecimal scan codes")
