"""The tables of the counter's peers: an inbox, the counts, an outbox; no journal, no deadlines, no progress."""

TABLES = """
CREATE SCHEMA peer;
CREATE TABLE peer.inbox (event_id uuid PRIMARY KEY);
CREATE TABLE peer.counted (person text PRIMARY KEY, n bigint NOT NULL) WITH (fillfactor = 70);
CREATE TABLE peer.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    key text NOT NULL,
    value bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
"""
