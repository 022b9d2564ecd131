"""Which returned record a corrected record replaces: its id, else person and degree, certificate, student."""

from hypothesis import given
from hypothesis import strategies as st

from services.collector.domain.corrections import RecordKeys, match_corrections


def owed(record_id, person="A", degree="401", certificate=None, student=None):
    return RecordKeys(record_id, "1", person, degree, certificate, student)


def corrected(person="A", degree="401", certificate=None, student=None, record_id=None):
    return RecordKeys(record_id, "1", person, degree, certificate, student)


def test_the_record_id_in_the_file_decides():
    assert match_corrections([corrected("Z", record_id="r2")], [owed("r1"), owed("r2", "B")]) == ["r2"]


def test_a_record_id_that_is_not_owed_is_not_guessed_at():
    assert match_corrections([corrected("A", record_id="r9")], [owed("r1", "A")]) == [None]


def test_without_an_id_the_person_and_degree_name_the_record():
    assert match_corrections([corrected("B")], [owed("r1", "A"), owed("r2", "B")]) == ["r2"]


def test_a_corrected_identity_number_is_found_by_the_certificate():
    rows = [corrected("corrected", certificate="C2")]
    assert match_corrections(
        rows, [owed("r1", "A", certificate="C1"), owed("r2", "B", certificate="C2")]
    ) == ["r2"]


def test_with_both_corrected_the_student_number_finds_it():
    rows = [corrected("new", certificate="new", student="S1")]
    assert match_corrections(rows, [owed("r1", "A", certificate="C1", student="S1")]) == ["r1"]


def test_a_key_that_leads_to_two_records_names_none():
    two = [owed("r1", "A", student="S1"), owed("r2", "A", student="S2")]
    assert match_corrections([corrected("A")], two) == [None]
    assert match_corrections([corrected("A", student="S2")], two) == ["r2"]


def test_a_record_is_replaced_once_only():
    assert match_corrections([corrected("A"), corrected("A")], [owed("r1", "A")]) == ["r1", None]
    again = [corrected(record_id="r1"), corrected(record_id="r1")]
    assert match_corrections(again, [owed("r1")]) == ["r1", None]


def test_an_id_further_down_is_served_before_a_key_further_up():
    rows = [corrected("A"), corrected("A", record_id="r1")]
    assert match_corrections(rows, [owed("r1", "A")]) == [None, "r1"]


def test_empty_cells_are_no_key():
    nobody = RecordKeys("r1")
    assert match_corrections([RecordKeys()], [nobody]) == [None]


def test_keys_do_not_show_persons():
    assert "32010" not in repr(corrected("320106200001011234"))


people = st.lists(st.sampled_from("ABCDE"), max_size=8)


@given(people, people)
def test_no_returned_record_is_replaced_twice_and_none_is_invented(rows, returned):
    records = [owed(f"r{place}", person) for place, person in enumerate(returned)]
    found = match_corrections([corrected(person) for person in rows], records)
    ids = [each for each in found if each is not None]
    assert len(found) == len(rows)
    assert len(ids) == len(set(ids))
    assert set(ids) <= {each.record_id for each in records}
