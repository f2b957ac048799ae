"""`python -m services.metrics`: run the metrics service."""

from services.metrics.app import SERVICE
from shared.kernel.main import main

if __name__ == "__main__":
    main(SERVICE)
