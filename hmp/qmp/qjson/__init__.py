"""QEMU's own JSON dialect: read as its servers read it, written as they write it."""
