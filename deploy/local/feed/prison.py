"""Prison messages as HMPPS publishes them: no event id, the version as a number or a string, free text in
`details`, most of them wrapped as SNS notifications; and the two facts about release and screening that
prisons state in our own envelope.
"""

from datetime import datetime
from typing import Any

import orjson

from deploy.local.feed import rates
from deploy.local.feed.case import Case
from deploy.local.feed.working_days import iso

PRISONS = ("DNI", "HLI", "MDI", "NHI")
"""Codes of three men's prisons and a women's one; the last is the women's."""

STATUS = {
    "received": ("IN_PRISON", "UNDER_PRISON_CARE"),
    "released": ("OUTSIDE_PRISON", "NOT_UNDER_PRISON_CARE"),
}


def home_prison(case: Case) -> str:
    """The prison that holds the person, by their own pick."""
    return PRISONS[3] if case.person.sex == "female" else PRISONS[int(case.person.pick * 3)]


def write_movement(case: Case, moved: str, reason: str, code: str, at: datetime) -> None:
    """Write `prisoner.received` or `prisoner.released` (`moved`), in HMPPS's own form."""
    pen, noms = case.pen, case.person.noms
    location, status = STATUS[moved]
    body: dict[str, Any] = {
        "eventType": f"prison-offender-events.prisoner.{moved}",
        "version": pen.rng.choice((1, "1")),
        "description": f"A prisoner has been {moved} {'into' if moved == 'received' else 'from'} prison",
        "occurredAt": iso(at),
        "publishedAt": iso(case.soon(at, 2)),
        "personReference": {"identifiers": [{"type": "NOMS", "value": noms}]},
        "additionalInformation": {
            "nomsNumber": noms,
            "prisonId": home_prison(case),
            "reason": reason,
            "nomisMovementReasonCode": code,
            "currentLocation": location,
            "currentPrisonStatus": status,
            "details": f"synthetic movement, reason {code}",
        },
    }
    value = body
    if pen.happens(rates.SNS_WRAPPED):
        value = {
            "Type": "Notification",
            "MessageId": pen.fresh_id(),
            "Message": orjson.dumps(body).decode(),
            "Timestamp": body["publishedAt"],
            "MessageAttributes": {"eventType": {"Type": "String", "Value": body["eventType"]}},
        }
    pen.record("prison", noms, case.soon(at, 20), value)


def write_prison_fact(case: Case, event_type: str, at: datetime, information: dict[str, Any]) -> None:
    """Write `prison.release.due` or `prison.resettlement-screening.completed`, keyed by NOMS number."""
    noms = case.person.noms
    case.pen.write(event_type, noms, at, {"nomsNumber": noms, **information}, identifiers=(("NOMS", noms),))
