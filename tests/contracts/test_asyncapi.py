"""Every producer publishes and every consumer subscribes to what the table says, read from AsyncAPI."""

import pytest

from contracts.topics import TOPICS, ServiceName, heard_by, said_by
from services.kit import asyncapi
from services.kit.asyncapi import DOCUMENTS, operations_in


def names(topics):
    return {topic.name for topic in topics}


def test_the_committed_documents_are_what_the_services_do():
    assert asyncapi.main(["--check"]) == 0, "run python -m services.kit.asyncapi"


def test_every_service_has_a_document_and_nothing_else_has():
    assert {path.stem for path in DOCUMENTS.iterdir()} == {name.value for name in ServiceName}


@pytest.mark.parametrize("service", ServiceName)
def test_a_service_subscribes_to_what_the_table_says(service):
    assert operations_in(DOCUMENTS / f"{service}.json", "receive") == names(heard_by(service))


@pytest.mark.parametrize("service", ServiceName)
def test_a_service_publishes_what_the_table_says(service):
    assert operations_in(DOCUMENTS / f"{service}.json", "send") == names(said_by(service))


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_has_exactly_one_producer_and_the_consumers_of_the_table(topic):
    def services_that(action):
        return {
            name for name in ServiceName if topic.name in operations_in(DOCUMENTS / f"{name}.json", action)
        }

    assert services_that("send") == {topic.producer}
    assert services_that("receive") == topic.consumers
