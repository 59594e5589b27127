"""``python -m shouxin.cli``: the same as ``shouxin``."""

import sys

from shouxin.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
