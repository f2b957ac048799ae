-- An office knows every provider that it has had, not only the one before: whose it is until a take-over that is still
-- to come is not lost.

-- A provider's row; the one before it as its only earlier tenure.
CREATE FUNCTION pg_temp.with_tenures(provider jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN coalesce(provider ->> 'before', '') = '' THEN provider
        ELSE provider - 'before' - 'before_kind' || jsonb_build_object('earlier', jsonb_build_array(
            jsonb_build_array(provider -> 'before', coalesce(provider -> 'before_kind', '"crc"'), NULL)
        ))
    END
$$;

UPDATE aggregate
SET state = jsonb_set(state, '{provider}', pg_temp.with_tenures(state -> 'provider'))
WHERE kind = 'office' AND state -> 'provider' ? 'before';

UPDATE aggregate
SET state = jsonb_set(state, '{offices}', (
    SELECT jsonb_object_agg(key, pg_temp.with_tenures(value)) FROM jsonb_each(state -> 'offices')
))
WHERE kind = 'unit' AND jsonb_path_exists(state, '$.offices.*.before');
