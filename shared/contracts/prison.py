"""What the prisons state, in HMPPS's own form. The free text `details` is dropped on decoding."""

from typing import Literal, Self

from pydantic import model_validator

from shared.contracts.payload import Payload, event
from shared.contracts.scalars import Code, Day, Id, Instant, NomsNumber
from shared.contracts.values import Service


class PrisonPayload(Payload):
    """A movement of a prisoner, keyed by the NOMS number that it states."""

    noms_number: NomsNumber

    @property
    def own_key(self) -> str:
        """The NOMS number."""
        return self.noms_number


class _Movement(PrisonPayload):
    prison_id: Code
    nomis_movement_reason_code: Code
    current_location: Code | None = None
    current_prison_status: Code | None = None


@event("prison-offender-events.prisoner.received", readers="ARM")
class PrisonerReceived(_Movement):
    """A prisoner has been received. No reason says recall: the movement code does."""

    reason: Literal["ADMISSION", "TEMPORARY_ABSENCE_RETURN", "RETURN_FROM_COURT", "TRANSFERRED"]


@event("prison-offender-events.prisoner.released", readers="ARM")
class PrisonerReleased(_Movement):
    """A prisoner has been released, or has left for a time. RELEASED with movement code DEC is a death."""

    reason: Literal[
        "RELEASED",
        "TEMPORARY_ABSENCE_RELEASE",
        "RELEASED_TO_HOSPITAL",
        "SENT_TO_COURT",
        "TRANSFERRED",
        "UNKNOWN",
    ]


@event("prison-offender-events.prisoner.merged", readers="ARM")
class PrisonerMerged(PrisonPayload):
    """Two NOMS numbers are one person; the removed one is used no more."""

    removed_noms_number: NomsNumber

    @model_validator(mode="after")
    def _two_numbers(self) -> Self:
        if self.noms_number == self.removed_noms_number:
            raise ValueError("removedNomsNumber must differ from nomsNumber")
        return self


@event("prison.release.due", readers="ARM")
class ReleaseDue(Payload):
    """The nominal date of release; no `releaseOn` means that there is none now."""

    release_on: Day | None = None
    release_kind: Literal["automatic", "conditional", "home-detention-curfew", "parole", "recall-end"]
    prison_id: Code
    home_local_delivery_unit: Code | None = None
    licence_ends_on: Day | None = None
    post_sentence_ends_on: Day | None = None


@event("prison.resettlement-screening.completed", readers="RM")
class ResettlementScreeningCompleted(Payload):
    """The basic custody screening is done; the provider in prison may not be the supervising one."""

    screening_id: Id
    completed_at: Instant
    prison_id: Code
    resettlement_provider_code: Code
    needs: tuple[Service, ...]
