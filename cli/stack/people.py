"""The ready-made people and machine clients of the local issuer (people.toml), found by office and role."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contracts.vocabulary import Office, Role

_PEOPLE_PATH = Path(__file__).with_name("people.toml")


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up natural person in one office; the id is opaque."""

    person_id: str
    name_zh: str
    office: Office
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class MachineClient:
    """A unit's own system; `responsible` is the natural person answerable for what it does."""

    client_id: str
    office: Office
    roles: frozenset[Role]
    responsible: str


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody the local issuer knows, in the order of the data file."""

    office_names_zh: dict[Office, str]
    people: dict[str, Person]
    clients: dict[str, MachineClient]

    def person_of(self, office: str, role: Role, nth: int = 0) -> Person:
        """The nth person of an office (`unit:10284`, `province:32`) who has this role and no other.

        LookupError when there are fewer.
        """
        found = [p for p in self.people.values() if str(p.office) == office and p.roles == {role}]
        if nth >= len(found):
            raise LookupError(f"{office} has {len(found)} people who are {role} only")
        return found[nth]

    def client_of(self, office: str) -> MachineClient:
        """The machine client of a unit; LookupError when it has none."""
        for client in self.clients.values():
            if str(client.office) == office:
                return client
        raise LookupError(f"{office} has no machine client")


@cache
def load_directory(path: Path = _PEOPLE_PATH) -> Directory:
    """Reads the data file; ValueError when an office or a role in it does not exist."""
    directory = Directory({}, {}, {})
    for entry in tomllib.loads(path.read_text("utf-8"))["offices"]:
        office = Office.parse(entry["id"])
        directory.office_names_zh[office] = entry["name_zh"]
        for person in entry["people"]:
            directory.people[person["id"]] = Person(person["id"], person["name_zh"], office, _roles(person))
        for client in entry.get("clients", []):
            directory.clients[client["id"]] = MachineClient(
                client["id"], office, _roles(client), client["responsible"]
            )
    return directory


def _roles(entry: dict[str, list[str]]) -> frozenset[Role]:
    return frozenset(Role(role) for role in entry["roles"])
