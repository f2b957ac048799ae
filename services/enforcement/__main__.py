"""`python -m services.enforcement`: run the enforcement service."""

from services.enforcement.app import SERVICE
from shared.kernel.main import main

if __name__ == "__main__":
    main(SERVICE)
