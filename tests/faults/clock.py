"""A client's clock that is stepped while the process runs: each SIGUSR1 sets it to the next of some errors."""

import datetime
import signal
import time
from collections.abc import Sequence

HOUR, DAY = 3600.0, 86400.0
ERRORS = (HOUR, -HOUR, DAY, -DAY, 400 * DAY, 0.0)


class SteppedClock:
    """Stands in front of this process's wall clock; the monotonic clock, which no one can step, stays as it is."""

    def __init__(self, errors: Sequence[float] = ERRORS) -> None:
        self._errors = errors
        self._steps = 0
        self._error = 0.0

    def arm(self) -> None:
        """Stand in for `time.time`, `time.time_ns` and `datetime.now`, and step at each SIGUSR1."""
        wall, wall_ns, real = time.time, time.time_ns, datetime.datetime
        clock = self

        class Stepped(real):  # type: ignore[misc,valid-type]  # a class made of the one that it stands in for
            """Datetimes whose `now` is the stepped clock's."""

            @classmethod
            def now(cls, tz: datetime.tzinfo | None = None) -> "Stepped":
                stepped: Stepped = cls.fromtimestamp(wall() + clock._error, tz)
                return stepped

        setattr(time, "time", lambda: wall() + clock._error)  # noqa: B010 - plain assignment is no typed one
        setattr(time, "time_ns", lambda: wall_ns() + int(clock._error * 1e9))  # noqa: B010
        setattr(datetime, "datetime", Stepped)  # noqa: B010
        signal.signal(signal.SIGUSR1, self._step)

    def _step(self, _signal: int, _frame: object) -> None:
        self._error = self._errors[self._steps % len(self._errors)]
        self._steps += 1
