-- Every record knows when it was stated, so that the latest statement of it stands, under whichever of a person's numbers
-- it was made. Of what was stored before, the instant that it is about is all that is known, or none.

-- A ledger of days, as a ledger of days with their instants.
CREATE FUNCTION pg_temp.days_stated(ledger jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, jsonb_build_object('on', value, 'at', (value #>> '{}') || 'T00:00:00Z')), '{}')
    FROM jsonb_each(ledger)
$$;

-- A ledger of rows, each with the instant of its day; without a day, older than any statement.
CREATE FUNCTION pg_temp.rows_stated(ledger jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(
        key, value || jsonb_build_object('at', coalesce(value ->> 'on', '1900-01-01') || 'T00:00:00Z')
    ), '{}')
    FROM jsonb_each(ledger)
$$;

-- A ledger of rows of which `at` was what `instant` is now: both are the same of what was stored before.
CREATE FUNCTION pg_temp.instants_stated(ledger jsonb, instant text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, value || jsonb_build_object(instant, value -> 'at')), '{}')
    FROM jsonb_each(ledger)
$$;

UPDATE aggregate
SET state = state || jsonb_build_object(
    'recalls', pg_temp.instants_stated(state -> 'recalls', 'decided_at'),
    'screenings', pg_temp.instants_stated(state -> 'screenings', 'completed_at'),
    'plans', pg_temp.rows_stated(state -> 'plans'),
    'reviews', pg_temp.rows_stated(state -> 'reviews'),
    'registrations', pg_temp.rows_stated(state -> 'registrations'),
    'activities', pg_temp.days_stated(state -> 'activities'),
    'referrals', pg_temp.days_stated(state -> 'referrals'),
    'notices', pg_temp.days_stated(state -> 'notices'),
    'cleared_copies', (
        SELECT coalesce(jsonb_object_agg(
            key, jsonb_build_object('records', value, 'at', '1900-01-01T00:00:00Z')
        ), '{}')
        FROM jsonb_each(state -> 'cleared_copies')
    ),
    -- The provider by the CRN that it was named for: the case's own.
    'holder', (
        SELECT coalesce(jsonb_object_agg(state ->> 'key', value), '{}') FROM jsonb_each(state -> 'holder')
    ),
    -- Of which kind a record was that was taken back is not known: it stays out as any.
    'withdrawn', (
        SELECT coalesce(jsonb_object_agg(kind || ':' || key, value), '{}')
        FROM jsonb_each(state -> 'withdrawn'),
            unnest(ARRAY ['appointment', 'plan', 'review', 'referral', 'registration', 'credit']) AS kind
    )
)
WHERE kind = 'case' AND state IS NOT NULL;
