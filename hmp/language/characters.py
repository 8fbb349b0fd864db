"""Characters that drive a terminal or cannot be seen, as parts of regular expressions."""

CONTROL = "\x00-\x1f\x7f-\x9f\ud800-\udfff"
"""Control characters, and lone surrogates, which no valid text contains."""
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Characters without a glyph, and those that reorder the text around them."""
