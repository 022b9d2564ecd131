"""Record sets: hashes any implementation of RFC 8785 and RFC 6962 arrives at."""

from hashlib import sha256

import polars as pl
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.standard.fields import field_codes
from contracts.standard.record_set import (
    ManifestFile,
    assign_record_ids,
    build_manifest,
    canonical_bytes,
    canonical_records,
    inclusion_proof,
    merkle_root,
    read_parquet,
    record_hashes,
    verify_inclusion,
    write_parquet,
)
from contracts.vocabulary import RecordCategory

BATCH = "0123456789abcdef0123456789abcdef"
VALUES = st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=12))
RECORDS = st.lists(
    st.fixed_dictionaries({"XM": VALUES, "ZJHM": VALUES, "ZYMC": VALUES}), min_size=1, max_size=6
)


def frame(records: list[dict[str, str | None]]) -> pl.DataFrame:
    codes = list(records[0])
    rows = pl.Series("row", range(2, len(records) + 2), pl.Int64)
    return pl.DataFrame(records, schema=dict.fromkeys(codes, pl.String)).insert_column(0, rows)


@settings(deadline=None)
@given(RECORDS)
def test_a_record_is_hashed_as_canonical_json_of_its_filled_fields(records):
    filled = [{code: value for code, value in record.items() if value} for record in records]
    assert canonical_records(frame(records)) == [rfc8785.dumps(record) for record in filled]


@pytest.mark.parametrize(
    "value", ['"', "\\", "\n", "\x00", "\x1f", "\x7f", "\u2028", "𠮷", "é", "</script>", "\\u0000"]
)
def test_awkward_characters_are_written_as_the_rfc_says(value):
    assert canonical_records(frame([{"XM": value}])) == [rfc8785.dumps({"XM": value})]


def test_an_empty_field_and_an_absent_field_are_the_same_record():
    assert record_hashes(frame([{"XM": "张三", "BZ": None}])) == record_hashes(frame([{"XM": "张三"}]))
    assert record_hashes(frame([{"XM": "张三", "BZ": ""}])) == record_hashes(frame([{"XM": "张三"}]))


def test_row_identifier_and_text_twins_are_no_part_of_the_hash():
    plain = frame([{"XM": "张三", "XBM": "1"}])
    marked = assign_record_ids(plain.with_columns(XB=pl.lit("男"), row=pl.lit(9, pl.Int64)), BATCH, 2)
    assert record_hashes(plain) == record_hashes(marked)


def test_the_order_of_columns_does_not_matter():
    assert record_hashes(frame([{"XM": "a", "CSRQ": "b"}])) == record_hashes(
        frame([{"CSRQ": "b", "XM": "a"}])
    )


def test_a_record_id_says_batch_round_and_row():
    records = frame([{"XM": "张三"}, {"XM": "李四"}]).with_columns(record_id=pl.lit("the record it replaces"))
    assert assign_record_ids(records, BATCH, 3)["record_id"].to_list() == [f"{BATCH}.3.2", f"{BATCH}.3.3"]


def test_the_root_is_the_one_of_rfc_6962():
    leaves = [sha256(bytes([n])).digest() for n in range(3)]
    leaf = [sha256(b"\x00" + one).digest() for one in leaves]
    left = sha256(b"\x01" + leaf[0] + leaf[1]).digest()
    assert merkle_root(leaves) == sha256(b"\x01" + left + leaf[2]).digest()
    assert merkle_root(leaves[:1]) == leaf[0]
    assert merkle_root([]) == sha256(b"").digest()


def recursive_root(hashes: list[bytes]) -> bytes:
    """RFC 6962 §2.1 to the letter: split at the largest power of two below the count."""
    if len(hashes) == 1:
        return sha256(b"\x00" + hashes[0]).digest()
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + recursive_root(hashes[:split]) + recursive_root(hashes[split:])).digest()


@settings(deadline=None)
@given(st.integers(1, 70), st.data())
def test_every_record_can_be_proven_and_no_other_can(count, data):
    hashes = [sha256(bytes([n])).digest() for n in range(count)]
    root = merkle_root(hashes)
    assert root == recursive_root(hashes)
    index = data.draw(st.integers(0, count - 1))
    proof = inclusion_proof(hashes, index)
    assert verify_inclusion(hashes[index], index, count, proof, root)
    assert not verify_inclusion(sha256(b"another").digest(), index, count, proof, root)
    assert not verify_inclusion(hashes[index], index, count, [*proof, root], root)
    assert not verify_inclusion(hashes[index], count, count, proof, root)
    other = data.draw(st.integers(0, count - 1))
    assert verify_inclusion(hashes[index], other, count, proof, root) == (other == index)


def test_a_proof_of_a_record_that_is_not_there_is_refused():
    with pytest.raises(IndexError):
        inclusion_proof([sha256(b"a").digest()], 1)


def test_parquet_keeps_ids_rows_and_fields_and_drops_text_twins():
    codes = field_codes(RecordCategory.X1)
    records = frame([dict.fromkeys(codes, "值") | {"BZ": None}]).with_columns(XB=pl.lit("男"))
    kept = read_parquet(write_parquet(assign_record_ids(records, BATCH, 1)))
    assert kept.columns == ["record_id", "row", *codes]
    assert record_hashes(kept) == record_hashes(records)


def test_a_manifest_is_canonical_json():
    manifest = build_manifest(
        batch_id=BATCH,
        round_=2,
        unit_code="10284",
        category=RecordCategory.X1,
        layout="newer_27",
        record_count=3,
        root=sha256(b"").digest(),
        rule_pack={"version": "2026.1", "sha256": "a" * 64},
        files=[
            ManifestFile("original", "b" * 64, 10, "text/csv"),
            ManifestFile("scan", "c" * 64, 9, "application/pdf"),
        ],
    )
    assert canonical_bytes(manifest) == rfc8785.dumps(manifest)
    assert (manifest["category"], manifest["merkle_root"]) == ("X1", sha256(b"").hexdigest())
    assert [file["role"] for file in manifest["files"]] == ["original", "scan"]
