"""Faults: services are killed at every crash point while batches flow; a history checker then names every anomaly."""
