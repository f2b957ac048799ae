-- Aggregates that an upstream service holds are counted every few seconds: without a look at all the others.
CREATE INDEX aggregate_held ON aggregate (kind) WHERE held_by <> '{}';
