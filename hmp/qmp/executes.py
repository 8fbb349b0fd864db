"""What type checkers know of ``execute``: its stub has each command's result.

Only the stub has `Executes`, so that it costs nothing at run time.
"""

from __future__ import annotations

Empty = dict[str, object]
"""The return value of a command without a result."""
