"""The scalar types of the contract: what counts as a date, an instant, a decimal, an id.

Each is stricter than pydantic's own: a date is `YYYY-MM-DD` and nothing else, an instant has an offset, a
decimal is a string or an integer and never a float. Bounds keep later arithmetic inside what Python and
PostgreSQL hold.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)
_EARLIEST_YEAR, _LATEST_YEAR = EARLIEST.year, LATEST.year

CRN_PATTERN = "^[A-Z][0-9]{6}$"
NOMS_PATTERN = "^[A-Z][0-9]{4}[A-Z]{2}$"
DATE_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
INSTANT_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})$"
LONGEST_CODE = 200
LONGEST_INSTANT = 40
DECIMAL_PATTERN = "^-?[0-9]{1,9}([.][0-9]{1,6})?$"


def whole_milliseconds(instant: datetime) -> datetime:
    """An aware datetime as UTC, cut to whole milliseconds. ValueError outside the years 1900 to 2199."""
    if not _EARLIEST_YEAR <= instant.year <= _LATEST_YEAR:
        raise ValueError("the year must be from 1900 to 2199")
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    beyond = instant.microsecond % 1000
    return instant.replace(microsecond=instant.microsecond - beyond) if beyond else instant


def read_instant(text: str) -> datetime:
    """An instant from its text. ValueError, without the text, for what is none or has no offset."""
    try:
        if text[4:14:3] != "--T:" or "," in text:
            raise ValueError
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is not an instant, such as 2017-03-01T09:30:00Z") from None
    if instant.tzinfo is None:
        raise ValueError("has no offset; end it with Z or such as +01:00")
    return whole_milliseconds(instant)


class _DateText:
    """Dates: `YYYY-MM-DD` on the wire, `datetime.date` in Python."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        parsed = core_schema.date_schema(strict=False, ge=EARLIEST, le=LATEST)
        return core_schema.json_or_python_schema(
            json_schema=core_schema.chain_schema([core_schema.str_schema(pattern=DATE_PATTERN), parsed]),
            python_schema=core_schema.date_schema(strict=True, ge=EARLIEST, le=LATEST),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "date"}


class _InstantText:
    """Instants: ISO 8601 with an offset on the wire, aware UTC of whole milliseconds in Python."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        aware = core_schema.datetime_schema(strict=True, tz_constraint="aware")
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(
                read_instant, core_schema.str_schema(strict=True, max_length=LONGEST_INSTANT)
            ),
            python_schema=core_schema.no_info_after_validator_function(whole_milliseconds, aware),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}


def decimal_text(number: Decimal) -> str:
    """A decimal as the wire writes it: plain digits, never an exponent."""
    return format(number, "f")


@dataclass(frozen=True, slots=True)
class DecimalText:
    """Decimals between two bounds: a decimal string or an integer on the wire, `Decimal` in Python."""

    minimum: int | None = None
    maximum: int | None = None

    def _bounded(self, given: str | int | Decimal) -> Decimal:
        number = Decimal(given)
        if not number.is_finite():
            raise ValueError("must be a finite number")
        if self.minimum is not None and number < self.minimum:
            raise ValueError(f"must be at least {self.minimum}")
        if self.maximum is not None and number > self.maximum:
            raise ValueError(f"must be at most {self.maximum}")
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        whole = core_schema.int_schema(strict=True, ge=-1_000_000_000, le=1_000_000_000)
        text = core_schema.str_schema(strict=True, pattern=DECIMAL_PATTERN)
        written = core_schema.union_schema([text, whole], mode="left_to_right")
        return core_schema.no_info_after_validator_function(
            self._bounded,
            core_schema.json_or_python_schema(
                json_schema=written,
                python_schema=core_schema.union_schema(
                    [core_schema.is_instance_schema(Decimal), written], mode="left_to_right"
                ),
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                decimal_text, return_schema=core_schema.str_schema()
            ),
        )

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        whole: dict[str, Any] = {"type": "integer"}
        if self.minimum is not None:
            whole["minimum"] = self.minimum
        if self.maximum is not None:
            whole["maximum"] = self.maximum
        return {"anyOf": [{"type": "string", "pattern": DECIMAL_PATTERN}, whole]}


Day = Annotated[date, _DateText]
"""A calendar date (Europe/London), 1900 to 2199."""

Instant = Annotated[datetime, _InstantText]
"""An aware instant, whole milliseconds, UTC."""

Amount = Annotated[Decimal, DecimalText(minimum=0)]
"""A decimal of at least 0."""

Percent = Annotated[Decimal, DecimalText(minimum=0, maximum=100)]
"""0 to 100."""

Hours = Annotated[Decimal, DecimalText(minimum=0)]
"""Hours, at least 0."""

WeeklyHours = Annotated[Decimal, DecimalText(minimum=0, maximum=168)]
"""Hours in a week."""

UnpaidWorkHours = Annotated[Decimal, DecimalText(minimum=0, maximum=300)]
"""Hours of unpaid work; the law allows no more than 300."""

Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
"""A whole number of at least 0."""

Ordinal = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
"""1, 2, …"""

Id = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CODE)]
"""An opaque id of the publisher's: the same id again replaces what it stood for."""

Code = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CODE)]
"""A code from reference data: an office, an officer, a provider, a court, …"""

Crn = Annotated[str, StringConstraints(pattern=CRN_PATTERN)]
"""A person's case reference number."""

NomsNumber = Annotated[str, StringConstraints(pattern=NOMS_PATTERN)]
"""A person's prison number."""

Month = Annotated[str, StringConstraints(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$")]
"""A calendar month, `YYYY-MM`."""

TimeOfDay = Annotated[str, StringConstraints(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""`HH:MM`, Europe/London."""

Weekday = Annotated[int, Field(strict=True, ge=1, le=7)]
"""As in ISO 8601: 1 is Monday."""

CustodialTerm = Annotated[
    str,
    StringConstraints(
        pattern="^(life|P[0-9]{1,5}W|P[0-9]{1,3}Y([0-9]{1,4}M)?([0-9]{1,5}D)?|P[0-9]{1,4}M([0-9]{1,5}D)?|P[0-9]{1,5}D)$"
    ),
]
"""An ISO 8601 duration of years, months, weeks or days (`P18M`), or `life`."""
