"""What earlier versions have written, kept for ever: a populated database that every later version must still read.

The tagged samples of every event are in `tests/contracts/samples/`; `python -m tests.compatibility NAME` adds a
database.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.kernel import migrate

FOLDER = Path(__file__).parent
DATABASES = sorted(FOLDER.glob("database-*.dump"))
PEOPLE, MONTHS, SEED = 12, 4, 3


async def migrate_as_first(owner_dsn: str, schema: str) -> None:
    """The kernel's tables as the first version had them, in which a state was `jsonb`."""
    with TemporaryDirectory() as folder:
        for name in ("0001_kernel.sql", "0002_held.sql"):
            shutil.copy(migrate.KERNEL / name, folder)
        await migrate.migrate(owner_dsn, schema, [Path(folder)])
