"""``python -m mlrecipe``."""

import sys

from mlrecipe.cli import main

sys.exit(main())
