-- Every record knows when it was stated, so that the latest statement of it stands; a recall's three facts are three
-- records. Of what was stored before, the day (or instant) that it is about is all that is known.

-- A ledger of days, as a ledger of days with their instants.
CREATE FUNCTION pg_temp.days_stated(ledger jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, jsonb_build_object('on', value, 'at', (value #>> '{}') || 'T00:00:00Z')), '{}')
    FROM jsonb_each(ledger)
$$;

-- A ledger of rows, each with the instant of its day.
CREATE FUNCTION pg_temp.rows_stated(ledger jsonb, day text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, value || jsonb_build_object('at', (value ->> day) || 'T00:00:00Z')), '{}')
    FROM jsonb_each(ledger)
$$;

-- The part of each recall that `instant` dates, with these of its fields.
CREATE FUNCTION pg_temp.recalls(ledger jsonb, instant text, VARIADIC fields text[])
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(recall.key, (
        SELECT jsonb_object_agg(field.key, field.value)
        FROM jsonb_each(recall.value) AS field WHERE field.key = ANY (fields)
    ) || jsonb_build_object('at', recall.value ->> instant)), '{}')
    FROM jsonb_each(ledger) AS recall WHERE recall.value ->> instant IS NOT NULL
$$;

UPDATE aggregate
SET state = state - 'recalls' || jsonb_build_object(
    'ended', pg_temp.days_stated(state -> 'ended'),
    'returned', pg_temp.days_stated(state -> 'returned'),
    'accepted', pg_temp.days_stated(state -> 'accepted'),
    'variations', pg_temp.rows_stated(state -> 'variations', 'varied_on'),
    'transfers', pg_temp.rows_stated(state -> 'transfers', 'on'),
    'supervisions', pg_temp.rows_stated(state -> 'supervisions', 'starts_on'),
    'supervisions_ended', pg_temp.days_stated((
        SELECT jsonb_object_agg(key, value -> 'ended_on')
        FROM jsonb_each(state -> 'supervisions') WHERE value ->> 'ended_on' IS NOT NULL
    )),
    'recalls_considered',
    pg_temp.recalls(state -> 'recalls', 'decided_at', 'order_id', 'decision', 'decided_at', 'fact'),
    'recalls_requested',
    pg_temp.recalls(state -> 'recalls', 'requested_at', 'order_id', 'requested_at'),
    'recalls_answered', (
        SELECT coalesce(jsonb_object_agg(key, jsonb_build_object(
            'outcome', value -> 'outcome',
            'kind', value -> 'kind',
            'decided_at', value -> 'answered_at',
            'at', value -> 'answered_at'
        )), '{}')
        FROM jsonb_each(state -> 'recalls') WHERE value ->> 'answered_at' IS NOT NULL
    )
)
WHERE kind = 'case' AND state IS NOT NULL;
