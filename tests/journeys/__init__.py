"""Journeys through the public APIs of a running stack, as universities, provinces and the centre make them."""
