"""What earlier versions have written, kept for ever: a populated database that every later version must still read.

The tagged samples of every event are in `tests/contracts/samples/`; `python -m tests.compatibility NAME` adds a
database.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
DATABASES = sorted(FOLDER.glob("database-*.dump"))
PEOPLE, MONTHS, SEED = 12, 4, 3
