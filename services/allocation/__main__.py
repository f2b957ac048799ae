"""`python -m services.allocation`: one replica of the allocation service."""

from services.allocation.app import SERVICE
from shared.kernel.main import main

if __name__ == "__main__":
    main(SERVICE)
