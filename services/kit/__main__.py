"""``python -m services.kit create-topics``: makes every topic of the table (a job before the services start)."""

import argparse
import asyncio

from services.kit import logs
from services.kit.kafka import create_topics
from services.kit.logs import log


def main() -> None:
    """Creates what is missing and says how many topics that were."""
    parser = argparse.ArgumentParser(prog="python -m services.kit")
    parser.add_argument("command", choices=["create-topics"])
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--replication-factor", type=int, default=1)
    parser.add_argument("--partitions-max", type=int, default=100)
    words = parser.parse_args()
    logs.set_up("kit")
    created = asyncio.run(
        create_topics(words.bootstrap_servers, words.replication_factor, words.partitions_max)
    )
    log.info("topics created", extra={"count": len(created)})


if __name__ == "__main__":
    main()
