"""``python -m sam_harness`` is ``sam-harness``."""

import sys

from sam_harness.cli import main

sys.exit(main())
