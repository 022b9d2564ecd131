"""Everybody who acts in the demo: natural persons with one role each, and units' machines, over public HTTP only."""

from cli.client import Client, Patience
from cli.desks import NoticeDesk, ReviewDesk, UnitDesk
from cli.stack import Stack
from cli.stack.people import load_directory
from cli.tokens import ClientCredentials, PersonTokens, TokenSource
from contracts.topics import ServiceName
from contracts.vocabulary import Office, Role

NATIONAL_OFFICE, NATIONAL_CENTRE = "national_office", "national_centre"


class Cast:
    """Hands out desks; each person signs in once, each connection is closed at the end."""

    def __init__(self, stack: Stack) -> None:
        """Nobody is signed in yet."""
        self._addresses = stack.state.addresses
        self._secrets = stack.state.client_secrets
        self._directory = load_directory()
        self._tokens: dict[str, TokenSource] = {}
        self._clients: dict[tuple[str, str], Client] = {}

    async def close(self) -> None:
        """Closes every connection."""
        for client in self._clients.values():
            await client.close()

    def machine(self, unit_code: str) -> UnitDesk:
        """A unit's own system at the collector, with client credentials as `xuewei push` uses them."""
        client = self._directory.client_of(f"unit:{unit_code}")
        secret = self._secrets[client.client_id]
        tokens = self._tokens.setdefault(
            client.client_id, ClientCredentials(self._addresses["issuer"], client.client_id, secret)
        )
        return UnitDesk(self._client(ServiceName.COLLECTOR, client.client_id, tokens))

    def unit(self, unit_code: str, role: Role) -> UnitDesk:
        """The person of a unit who holds this role and no other, at the collector."""
        return UnitDesk(self._signed_in(ServiceName.COLLECTOR, f"unit:{unit_code}", role))

    def jack_of_all_trades(self, unit_code: str) -> UnitDesk:
        """A person who holds several roles in a unit, which does not make two persons of them."""
        office = f"unit:{unit_code}"
        person = next(
            each
            for each in self._directory.people.values()
            if str(each.office) == office and len(each.roles) > 1
        )
        return UnitDesk(self._of_person(ServiceName.COLLECTOR, person.person_id))

    def province(self, province_code: str, role: Role) -> ReviewDesk:
        """A reviewer or an approver of a provincial office (JD: the military one)."""
        office = str(Office.province(province_code))
        return ReviewDesk(self._signed_in(ServiceName.PROVINCIAL_REVIEW, office, role))

    def notices(self, office: str) -> NoticeDesk:
        """The person of an office who answers for it, at the notifier."""
        roles = {"unit": Role.SUBMITTER, NATIONAL_CENTRE: Role.CENTRE_OPERATOR}
        role = roles.get(office.partition(":")[0], Role.APPROVER)
        return NoticeDesk(self._signed_in(ServiceName.NOTIFIER, office, role))

    def offices(self) -> list[str]:
        """Every office of the directory."""
        return [str(office) for office in self._directory.office_names_zh]

    def name_of(self, office: str) -> str:
        """An office's name."""
        return self._directory.office_names_zh[Office.parse(office)]

    async def receipt_keys(self) -> bytes:
        """The centre's public keys as it serves them to everybody: with them receipts are verified offline."""
        async with Client(self._addresses[ServiceName.NATIONAL_FILING]) as client:
            return (await client.get("/v1/receipt-keys")).content

    def _signed_in(self, service: str, office: str, role: Role) -> Client:
        return self._of_person(service, self._directory.person_of(office, role).person_id)

    def _of_person(self, service: str, person_id: str) -> Client:
        tokens = self._tokens.setdefault(person_id, PersonTokens(self._addresses["issuer"], person_id))
        return self._client(service, person_id, tokens)

    def _client(self, service: str, who: str, tokens: TokenSource) -> Client:
        key = (service, who)
        if key not in self._clients:
            self._clients[key] = Client(self._addresses[service], tokens, patience=Patience(seconds=30))
        return self._clients[key]
