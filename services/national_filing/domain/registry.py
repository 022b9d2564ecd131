"""What the registry (备案库) keeps of a filed record: keys and references; its content stays in Parquet."""

from datetime import date

RegistryRow = tuple[str, str, str, int, str, str, str, date, bytes]
"""Certificate number, record id, batch, round, unit, category, degree category, award date, record hash."""
