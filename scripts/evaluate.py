"""Measures a model on labelled texts, or cross-validates a table by group; the command `framing evaluate`.

python scripts/evaluate.py news-en labelled.csv --head tone --json
python scripts/evaluate.py --cv labelled.csv --group outlet
"""

import sys

from framing.cli import main

if __name__ == "__main__":
    main(["evaluate", *sys.argv[1:]])
