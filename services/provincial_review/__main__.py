"""Runs provincial review: ``python -m services.provincial_review [migrate]``."""

from services.kit.service import main
from services.provincial_review.app import SERVICE

main(SERVICE)
