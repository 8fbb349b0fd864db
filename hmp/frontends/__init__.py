"""Front ends without a screen editor: scripts and plain sessions; what all of them share."""
