"""How much memory each service takes while an XLSX of 20,000 records goes through it."""

from contextlib import suppress
from pathlib import Path

from benchmarks.figures import Better, Figure
from benchmarks.filing import file_batch, open_desks, register
from benchmarks.processes import family_of, memory_bytes
from benchmarks.samples import make_sample
from benchmarks.setting import UNITS, Setting
from cli.sample.layouts import Form
from cli.stack import Stack
from contracts.topics import ServiceName

MIB = 1 << 20


async def resident(setting: Setting) -> list[Figure]:
    """The highest resident memory of each service: its process and its readers, each and together."""
    count = setting.amount(20_000, 500)
    sample = make_sample(
        setting.samples,
        UNITS[5],
        "大表",
        batches=1,
        batch_records=count,
        award_on=setting.award_on,
        first_serial=500_001,
        form=Form.XLSX,
    )
    families = {name: family_of(_process_of(setting.stack, name)) for name in ServiceName}
    idle = {name: _together(family, "VmRSS") for name, family in families.items()}
    _forget_peaks(families)
    async with open_desks(setting.stack, sample.unit_code) as desks:
        await file_batch(desks, await register(desks, sample), sample.record_paths[0])
    return [
        Figure(
            f"RSS of {name}, XLSX of {count:,} records",
            _together(families[name], "VmHWM") / MIB,
            "MiB",
            Better.LESS,
            None if setting.quick else 400.0,
            idle[name] / MIB,
            "the same before the file",
            {"peak_mib_of_each_process": [round(each / MIB) for each in _peaks(families[name])]},
        )
        for name in ServiceName
    ]


def _process_of(stack: Stack, name: str) -> int:
    process_id = stack.state.children[name].process_id
    assert process_id is not None
    return process_id


def _together(family: tuple[int, ...], what: str) -> int:
    """Of all processes of a service; pages they share count more than once."""
    return sum(memory_bytes(member).get(what, 0) for member in family)


def _peaks(family: tuple[int, ...]) -> list[int]:
    return [peak for member in family if (peak := memory_bytes(member).get("VmHWM", 0))]


def _forget_peaks(families: dict[ServiceName, tuple[int, ...]]) -> None:
    """Lets the kernel begin its highest marks anew; where it does not let us, older peaks count too."""
    for member in (each for family in families.values() for each in family):
        with suppress(OSError):
            Path(f"/proc/{member}/clear_refs").write_text("5", "ascii")
