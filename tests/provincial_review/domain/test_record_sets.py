"""A record set is the announced one or none; its approved part is a record set of its own."""

from contracts.reviews import ReturnedRecord
from contracts.standard.record_set import merkle_root, read_parquet, record_hashes, write_parquet
from contracts.vocabulary import RecordSet
from services.provincial_review.domain.documents import read_returned, returned_lines
from services.provincial_review.domain.record_sets import approved_part, is_as_announced
from tests.provincial_review.submissions import announced, nowhere, records

FRAME = read_parquet(write_parquet(records(6)))
ANNOUNCED = announced(FRAME, nowhere("set"))


def test_the_announced_record_set_is_recognised():
    assert is_as_announced(FRAME, ANNOUNCED)


def test_one_changed_value_one_record_more_or_less_or_another_order_is_not_the_announced_set():
    changed = FRAME.with_columns(XM=FRAME["XM"].replace(FRAME["XM"][0], "王某"))
    for other in (
        changed,
        FRAME.head(5),
        FRAME.vstack(records(7).tail(1).select(FRAME.columns)),
        FRAME.reverse(),
    ):
        assert not is_as_announced(other, ANNOUNCED)


def test_a_count_that_does_not_fit_the_root_is_not_the_announced_set():
    lying = RecordSet(object=ANNOUNCED.object, record_count=5, merkle_root=ANNOUNCED.merkle_root)
    assert not is_as_announced(FRAME, lying)


def test_two_records_of_one_id_are_refused():
    same = FRAME.with_columns(
        record_id=FRAME["record_id"].replace(FRAME["record_id"][1], FRAME["record_id"][0])
    )
    assert not is_as_announced(same, announced(same, nowhere("set")))


def test_the_approved_part_keeps_columns_order_and_values_and_has_its_own_root():
    second, last = FRAME["record_id"][1], FRAME["record_id"][5]
    back = returned_lines(
        [ReturnedRecord(record_id=each, row=3, reason_code="other") for each in (last, second)]
    )

    part = approved_part(write_parquet(FRAME), back)

    approved = read_parquet(part.parquet)
    assert approved.equals(FRAME[[0, 2, 3, 4]])
    assert part.record_count == 4
    assert part.merkle_root == merkle_root(record_hashes(FRAME[[0, 2, 3, 4]])).hex()


def test_a_list_of_returned_records_survives_line_breaks_in_comments():
    record = ReturnedRecord(
        record_id=FRAME["record_id"][0], row=2, reason_code="other", comment="一行\n又一行\u2028再一行"
    )
    assert read_returned(returned_lines([record, record])) == (record, record)
