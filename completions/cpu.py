"""CPUs by their index."""

from hmp.authoring import Kind

CPU_INDEX = Kind("CPU index")
