"""Scores a folder or a table and prints the first rows; the command `framing score --show 20`.

python scripts/apply.py datasets/articles --out scores.csv
"""

import sys

from framing.cli import main

if __name__ == "__main__":
    main(["score", "--show", "20", *sys.argv[1:]])
