"""QEMU's QAPI schema language."""
