"""``python -m hmp``: the program."""

import sys

from hmp.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
