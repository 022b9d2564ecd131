"""Why a review goes as it goes: pure values and decisions, without time, Kafka, HTTP or SQL."""
