-- The kernel's tables, alike in every service's schema. Instants are whole milliseconds since 1970, log time.

-- How far each input partition has been decided. `step` is the fence: every commit raises it.
CREATE TABLE progress (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    -- Offsets beyond next_offset that are decided already (a tie of one millisecond is taken by key).
    ahead bigint[] NOT NULL DEFAULT '{}',
    -- The running maximum of record times before next_offset; NULL before the first record.
    clock bigint,
    -- Every record up to this instant has been decided; NULL is minus infinity.
    through bigint,
    step bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, partition),
    CHECK (partition >= 0),
    CHECK (next_offset >= 0)
) WITH (fillfactor = 50);

-- Which events have been taken, with a digest of their content, for the window of duplicates.
CREATE TABLE inbox (
    event_id uuid PRIMARY KEY,
    digest bytea NOT NULL,
    recorded bigint NOT NULL
) WITH (autovacuum_vacuum_insert_scale_factor = 0.5);
CREATE INDEX inbox_recorded ON inbox USING brin (recorded);

-- One row for each aggregate: its state, and the head of its journal.
CREATE TABLE aggregate (
    kind text NOT NULL,
    key text NOT NULL,
    state jsonb,
    seq bigint NOT NULL DEFAULT 0,
    hash bytea,
    -- The oldest fact that waits in it, for the gauge of waiting by age.
    waiting integer NOT NULL DEFAULT 0,
    waiting_since bigint,
    -- Parked: a bug met it; its facts queue until an operator retries it.
    parked_since bigint,
    parked_by uuid,
    -- Upstream services that cannot decide it now; its deadlines are held.
    held_by text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (kind, key)
) WITH (fillfactor = 70);
CREATE INDEX aggregate_waiting ON aggregate (waiting_since) WHERE waiting > 0;
CREATE INDEX aggregate_parked ON aggregate (parked_since) WHERE parked_since IS NOT NULL;
-- States are rewritten often and compressed never: pglz would cost more than all the rest of a save.
ALTER TABLE aggregate ALTER COLUMN state SET STORAGE EXTERNAL;

-- Deadlines that have not fired, one for each aggregate, kind and ref.
CREATE TABLE due (
    subject_kind text NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    ref text NOT NULL,
    deadline_id uuid NOT NULL,
    due bigint NOT NULL,
    fires_at bigint NOT NULL,
    partition integer NOT NULL,
    held boolean NOT NULL DEFAULT false,
    PRIMARY KEY (subject_kind, key, kind, ref),
    CHECK (fires_at >= due)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX due_next ON due (fires_at, kind COLLATE "C", subject_kind COLLATE "C", key COLLATE "C", ref COLLATE "C")
    WHERE NOT held;

-- Sums that many aggregates feed and one reads, kept for each partition of the feeders.
CREATE TABLE tally (
    subject_kind text NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    period text NOT NULL,
    partition integer NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (subject_kind, key, name, period, partition)
);

-- Events to publish, in the order in which they were decided.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
    topic text NOT NULL,
    partition integer NOT NULL,
    key bytea,
    value bytea,
    headers bytea NOT NULL,
    logtime bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- Every decision, append-only by grant, hash-chained for each aggregate.
CREATE TABLE journal (
    position bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
    kind text NOT NULL,
    key text NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    fact_id uuid NOT NULL,
    -- NULL once erased; the hashes stay, so the chain stays whole.
    content text,
    content_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT journal_sequence UNIQUE (kind, key, seq)
);

-- Facts that queue behind a parked aggregate, in their order.
CREATE TABLE parked_fact (
    position bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
    kind text NOT NULL,
    key text NOT NULL,
    fact_id uuid NOT NULL,
    topic text NOT NULL,
    fact_key text NOT NULL,
    recorded bigint NOT NULL,
    content text NOT NULL
);
CREATE INDEX parked_fact_queue ON parked_fact (kind, key, position);

-- What an operator asks of the service: to retry a parked aggregate.
CREATE TABLE operator_request (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    key text NOT NULL,
    asked timestamptz NOT NULL DEFAULT now()
);

-- The relay's least acknowledged broker time, which every replica's idle rule starts from.
CREATE TABLE relay_clock (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    broker_time bigint NOT NULL
);
