"""Block jobs."""

from hmp.authoring import Kind

BLOCK_JOB = Kind("block job")
