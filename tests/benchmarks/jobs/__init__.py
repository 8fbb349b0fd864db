"""Ten jobs as programs do them: with hmp, and with QEMU's own Python packages."""
