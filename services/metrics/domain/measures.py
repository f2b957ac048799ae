"""The contract measures that metrics counts, by their codes in the contract; those of the NPS carry its name."""

from services.metrics.domain import breach_referral, initial_contact, outcomes

MEASURES = (*initial_contact.MEASURES, breach_referral.REFERRED_IN_TIME, outcomes.COMPLETION)
