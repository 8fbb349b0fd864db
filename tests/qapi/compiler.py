"""Run by a Python with QEMU's schema compiler on its path: what it says of schemas.

Each line that it reads is the path of a schema file, as JSON. Each that it writes is the
line of the first error: null when the schema is good, 0 where no line is known.
"""

import json
import re
import sys

from qapi.error import QAPIError  # type: ignore[import-not-found]  # QEMU's
from qapi.schema import QAPISchema  # type: ignore[import-not-found]

for request in sys.stdin:
    found = None
    try:
        QAPISchema(json.loads(request))
    except QAPIError as error:
        match = re.search(r"\.json:(\d+):", str(error))
        found = int(match[1]) if match else 0
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
