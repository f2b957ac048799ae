"""`python -m services.resettlement`: one replica of the resettlement service."""

from services.resettlement.app import SERVICE
from shared.kernel.main import main

if __name__ == "__main__":
    main(SERVICE)
