-- Every record knows when it was stated, so that the latest statement of it stands, under whichever of a person's numbers
-- it was made. What was stored before is older than any statement.

-- A ledger of bare values, as a ledger of rows with that field.
CREATE FUNCTION pg_temp.values_stated(ledger jsonb, field text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, jsonb_build_object(field, value, 'at', '1900-01-01T00:00:00Z')), '{}')
    FROM jsonb_each(ledger)
$$;

UPDATE aggregate
SET state = state || jsonb_build_object(
    'disposals', pg_temp.values_stated(state -> 'disposals', 'disposal'),
    'discretions', pg_temp.values_stated(state -> 'discretions', 'failure_ids')
)
WHERE kind = 'case' AND state IS NOT NULL;
