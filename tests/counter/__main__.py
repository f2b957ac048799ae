"""The counter as a process of its own, as any service runs."""

from shared.kernel.main import main
from tests.counter import COUNTER

if __name__ == "__main__":
    main(COUNTER)
