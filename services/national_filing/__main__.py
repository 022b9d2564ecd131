"""Runs national_filing, or its migrations with the word ``migrate``."""

from services.kit.service import main
from services.national_filing.app import SERVICE

main(SERVICE)
