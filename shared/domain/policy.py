"""Policy is data: dated parameters in YAML, in the shape that OpenFisca and PolicyEngine made the convention.

A parameter has values by the date from which they are in force, and says of itself where it comes from and whether
that is confirmed. A decision asks for the value in force on the date that the rule's clock started, and names what
it applied. Scores, money and hours are strings in the files and decimals in Python.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Self, get_args

from shared.domain.business_days import add_business_days, add_months, end_of_day, local_date, start_of_day
from shared.domain.policy_files import InvalidPolicy, read_parameters
