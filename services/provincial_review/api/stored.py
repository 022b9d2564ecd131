"""Reading objects for a person: a missing or damaged one is told as what it is, never decided on."""

from contracts.vocabulary import StoredObject
from services.kit.objects import ObjectDamaged, ObjectMissing
from services.kit.problems import Problem
from services.kit.work import Work


async def read_stored(work: Work, stored: StoredObject) -> bytes:
    """The verified bytes of an object; Problem(object-missing) or Problem(object-damaged)."""
    try:
        return await work.objects.read(stored)
    except ObjectMissing:
        raise Problem("object-missing", sha256=stored.sha256) from None
    except ObjectDamaged:
        raise Problem("object-damaged", sha256=stored.sha256) from None
