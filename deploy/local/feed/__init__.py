"""The sample feed: a synthetic probation area as a history file. Two CRCs and the NPS, six local delivery
units, their offices and officers, and people sentenced over some months, each with the facts that courts,
prisons, case management and HR would have stated about them: on time, late, twice, before what they rest
on, or never. How often is in `rates.py`, each rate cited from an inspection report or marked as assumed.
Nobody in it exists.

A line is `{"topic", "timestamp", "key", "value"}`; `generate` yields them in the order of the log, `write`
puts them in a file, `python -m deploy.local.feed` on standard output. Left out:
answers to concerns (they depend on what is raised), merged people and prisoners, moves to another area, supervision
default orders, varied licences, returns from the hub, cover and hand-over of a single case. Officers named in
contact are those whom the feed's own offices would give; the allocation service may assign others, except where a
manager directed it.
"""

from deploy.local.feed.generate import generate, write
from deploy.local.feed.history import HistoryLine

__all__ = ["HistoryLine", "generate", "write"]
