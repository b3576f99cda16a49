"""Trains every head from a folder of corpora, or one head from a table; the command `framing train`.

python scripts/train.py ../shared/corpora/train --out trained/news-en
python scripts/train.py labelled.csv --out my-model --label stance --group outlet
"""

import sys

from framing.cli import main

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
