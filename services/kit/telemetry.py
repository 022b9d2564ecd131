"""OpenTelemetry for a service: spans that go on through outbox, Kafka and inbox, and Prometheus metrics."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from opentelemetry import context as otel_context
from opentelemetry import metrics, trace
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Link, Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.kit.settings import ServiceSettings

Attributes = Mapping[str, str | int | float | bool]

_PROPAGATOR = TraceContextTextMapPropagator()
tracer = trace.get_tracer("xuewei")
meter = metrics.get_meter("xuewei")


def set_up(service: str, settings: ServiceSettings) -> TracerProvider:
    """Installs the process's tracer and meter providers; spans go where the settings say."""
    resource = Resource.create({"service.name": f"xuewei-{service.replace('_', '-')}"})
    provider = TracerProvider(resource=resource, sampler=ParentBasedTraceIdRatio(settings.trace_sample_ratio))
    for exporter in _exporters(settings):
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    metrics.set_meter_provider(MeterProvider(resource=resource, metric_readers=[PrometheusMetricReader()]))
    return provider


def _exporters(settings: ServiceSettings) -> list[SpanExporter]:
    exporters: list[SpanExporter] = []
    if settings.otlp_endpoint:
        # Loaded only where spans are sent: it costs every start a fifth of a second.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )

        exporters.append(OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces"))
    if settings.trace_path is not None:
        exporters.append(_span_lines(settings.trace_path))
    return exporters


def _span_lines(path: Path) -> ConsoleSpanExporter:
    path.parent.mkdir(parents=True, exist_ok=True)

    def as_line(span: ReadableSpan) -> str:
        return span.to_json(indent=None) + "\n"  # pyright: ignore[reportArgumentType]

    return ConsoleSpanExporter(out=path.open("a", encoding="utf-8", buffering=1), formatter=as_line)


@contextmanager
def span(
    name: str,
    *,
    after: str | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Attributes | None = None,
) -> Generator[Span]:
    """A span; with ``after`` (a W3C traceparent) it goes on in that trace and links to the present one.

    So a person's later request on a batch shows in the batch's own trace (受理号).
    """
    here = trace.get_current_span().get_span_context()
    links = [Link(here)] if after is not None and here.is_valid else []
    with tracer.start_as_current_span(
        name,
        context=None if after is None else context_of(after),
        kind=kind,
        attributes=attributes,
        links=links,
        record_exception=False,  # an exception's text may carry data
        set_status_on_exception=False,
    ) as started:
        try:
            yield started
        except Exception as error:
            started.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def context_of(traceparent: str | None) -> otel_context.Context:
    """The OpenTelemetry context a W3C traceparent names (an empty one for None or nonsense)."""
    return _PROPAGATOR.extract({"traceparent": traceparent} if traceparent else {})


def traceparent() -> str | None:
    """The W3C traceparent of the current span; None outside any trace."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def trace_id_of(parent: str | None) -> str:
    """The trace id (受理号: 32 hexadecimal digits) in a traceparent; empty for None."""
    return parent.split("-")[1] if parent else ""
