"""``python -m services.collector``: runs the collector; with ``migrate`` it migrates its database."""

from services.collector.app import SERVICE
from services.kit.service import main

main(SERVICE)
