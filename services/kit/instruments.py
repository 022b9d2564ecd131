"""The kit's instruments: what every service counts and times (names per OpenTelemetry conventions)."""

from services.kit.telemetry import meter

HANDLED = meter.create_histogram(
    "xuewei.handler.duration", unit="s", description="time to handle one message, by topic"
)
RETRIES = meter.create_counter("xuewei.handler.retries", description="handler tries that failed, by topic")
DEAD_LETTERS = meter.create_counter(
    "xuewei.dead_letters", description="messages that died, by topic and reason"
)
OUTBOX_AGE = meter.create_gauge(
    "xuewei.outbox.oldest_age", unit="s", description="age of the oldest unpublished event"
)
OUTBOX_SIZE = meter.create_gauge("xuewei.outbox.size", description="events not yet published")
INBOX_SIZE = meter.create_gauge("xuewei.inbox.size", description="messages remembered, by state")
DEAD_KEPT = meter.create_gauge("xuewei.dead_letters.kept", description="dead letters kept in the database")
BATCHES = meter.create_gauge("xuewei.batches", description="batches (or reviews, obligations) by state")
REQUESTS = meter.create_histogram(
    "http.server.request.duration", unit="s", description="time to answer a request, by route and status"
)
