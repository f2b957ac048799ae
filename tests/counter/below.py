"""The counter that reads the counter's own topic, as a process of its own."""

from shared.kernel.main import main
from tests.counter import BELOW

if __name__ == "__main__":
    main(BELOW)
