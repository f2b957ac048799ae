"""`python -m deploy.local.feed --cases N --months N --seed S > history.jsonl`"""

import argparse
import sys
from datetime import date

from deploy.local.feed.generate import CASES, MONTHS, SEED, START, generate
from deploy.local.feed.history import dump


def main() -> None:
    """Write a feed to standard output."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.feed", description="A synthetic history file.")
    parser.add_argument("--cases", type=int, default=CASES, help="people sentenced (default %(default)s)")
    parser.add_argument("--months", type=int, default=MONTHS, help="months of the feed (default %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="the same seed gives the same bytes")
    parser.add_argument("--start", type=date.fromisoformat, default=START, help="first day, YYYY-MM-DD")
    given = parser.parse_args()
    dump(generate(given.cases, given.months, given.seed, given.start), sys.stdout.buffer)


if __name__ == "__main__":
    main()
