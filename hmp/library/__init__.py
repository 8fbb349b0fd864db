"""The library: machines for programs. `hmp.client` is its public face."""
