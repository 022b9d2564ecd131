"""The HTTP door of provincial review: the queue, the records, and the two acts of a review."""

from services.provincial_review.api.assessment import router as assessment
from services.provincial_review.api.downloads import router as downloads
from services.provincial_review.api.opinion import router as opinion
from services.provincial_review.api.queue import router as queue
from services.provincial_review.api.records import router as records

ROUTERS = (queue, records, downloads, assessment, opinion)
