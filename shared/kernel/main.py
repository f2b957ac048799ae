"""The start of a service process. It ends with 0 if stopped as asked, 2 for a wrong setting, 1 for anything else."""

import asyncio
import logging
import sys

from shared.contracts.registry import MODELS
from shared.contracts.wire import envelope_of
from shared.domain.policy import InvalidPolicy
from shared.domain.service import Service
from shared.kernel.collector import leave_the_living_alone
from shared.kernel.process import Process
from shared.kernel.settings import SettingError, from_environment


def _prepare() -> None:
    """Build every validator now, not at the first record of its type; and leave what lives for ever to itself."""
    for model in MODELS.values():
        envelope_of(model)
    leave_the_living_alone()


def main(service: Service) -> None:
    """Run a service until it is stopped. What keeps it from starting is one line on stderr."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format=f"%(asctime)s {service.name} %(levelname)s %(message)s"
    )
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    try:
        settings = from_environment()
        process = Process(service, settings)
    except (SettingError, InvalidPolicy) as wrong:
        print(f"{service.name}: {wrong}", file=sys.stderr)
        raise SystemExit(2) from None
    _prepare()
    reason = asyncio.run(process.run())
    if reason is not None:
        print(f"{service.name} stopped: {reason}", file=sys.stderr)
        raise SystemExit(1)
