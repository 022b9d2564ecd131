"""The collector's doors for units: objects, resolutions, batches, acts on them, and what can be read."""

from services.collector.api import acts, batches, objects, reports, resolutions

ROUTERS = (objects.router, resolutions.router, batches.router, acts.router, reports.router)
