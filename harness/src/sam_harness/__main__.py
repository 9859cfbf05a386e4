"""Entry point of ``sam-harness``."""

import sys

from sam_harness.cli import main

sys.exit(main(sys.argv[1:]))
