-- Every record knows when it was stated, so that the latest statement of it stands, under whichever of a person's numbers
-- it was made. Of what was stored before, the day that it is about is all that is known; rows without one are older than
-- any statement.

-- A ledger of days, as a ledger of days with their instants.
CREATE FUNCTION pg_temp.days_stated(ledger jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, jsonb_build_object('on', value, 'at', (value #>> '{}') || 'T00:00:00Z')), '{}')
    FROM jsonb_each(ledger)
$$;

UPDATE aggregate
SET state = state || jsonb_build_object(
    'risk_reviews', pg_temp.days_stated(state -> 'risk_reviews'),
    'reviews', pg_temp.days_stated(state -> 'reviews'),
    'warnings', pg_temp.days_stated(state -> 'warnings'),
    'requirements_ended', pg_temp.days_stated(state -> 'requirements_ended'),
    -- Of which kind a record was that was taken back is not known: it stays out as any.
    'withdrawn', (
        SELECT coalesce(jsonb_object_agg(kind || ':' || key, value), '{}')
        FROM jsonb_each(state -> 'withdrawn'),
            unnest(ARRAY [
                'registration', 'check', 'review', 'change', 'call-out', 'appointment', 'plan', 'credit', 'warning'
            ]) AS kind
    )
)
WHERE kind = 'case' AND state IS NOT NULL;
