-- Roles of the whole server. Run by an administrator, as often as one likes; passwords are set apart from it.
--   throughcare_owner    owns the schemas and what is in them; migrations run as it, services never do
--   throughcare_<name>   one for each service, at home in its own schema
--   throughcare_reader   reads everything, for reports and dashboards
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY[
        'throughcare_owner',
        'throughcare_allocation',
        'throughcare_resettlement',
        'throughcare_enforcement',
        'throughcare_metrics',
        'throughcare_reader'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', wanted);
        END IF;
    END LOOP;
END $$;

-- An administrator who is no superuser may give a database away only to a role that it belongs to.
GRANT throughcare_owner TO CURRENT_USER;

-- A service at a prompt finds its own tables, and nobody else's.
ALTER ROLE throughcare_allocation SET search_path = allocation;
ALTER ROLE throughcare_resettlement SET search_path = resettlement;
ALTER ROLE throughcare_enforcement SET search_path = enforcement;
ALTER ROLE throughcare_metrics SET search_path = metrics;

-- A reader never holds up the cleaning of the outbox and the due table for long.
ALTER ROLE throughcare_reader SET default_transaction_read_only = on;
ALTER ROLE throughcare_reader SET statement_timeout = '60s';
ALTER ROLE throughcare_reader SET idle_in_transaction_session_timeout = '10s';
