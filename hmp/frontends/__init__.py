"""Front ends without a screen editor, and what all front ends share."""
