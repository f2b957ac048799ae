"""Where a local stack keeps what it must remember, and where downloads are cached: the user's own state and
cache folders, never the checkout."""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def state_folder(name: str) -> Path:
    """`$XDG_STATE_HOME/throughcare/<name>`, made if it is not there."""
    return _made(_base("XDG_STATE_HOME", ".local/state") / "throughcare" / name)


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/throughcare`, made if it is not there."""
    return _made(_base("XDG_CACHE_HOME", ".cache") / "throughcare")


def remembered_passwords(file: Path, roles: Iterable[str]) -> dict[str, str]:
    """A random password for each role, the same at every run on this state; a file for its owner only."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    passwords = {role: known.get(role) or secrets.token_urlsafe(18) for role in roles}
    if passwords.items() - known.items():
        write_private(file, json.dumps(known | passwords))
    return passwords


def write_private(file: Path, text: str) -> None:
    """Whole or not at all, and never readable by anyone else."""
    draft = file.with_name(file.name + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    draft.replace(file)


def _base(variable: str, below_home: str) -> Path:
    stated = os.environ.get(variable, "")
    return Path(stated) if stated.startswith("/") else Path.home() / below_home


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
