"""FrontEnd ends that need no screen editor: scripts, and plain terminals."""
