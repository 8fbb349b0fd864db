"""QEMU's argument language: what an args_type says, and how words are read."""
