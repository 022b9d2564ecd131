"""Runs the notifier, or its migrations with the word ``migrate``."""

from services.kit.service import main
from services.notifier.app import SERVICE

main(SERVICE)
