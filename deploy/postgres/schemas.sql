-- The database's own part: one schema for each service, and who may come in. Tables come with the migrations,
-- and the rights to them with grants.sql. Run by an administrator, in the database, as often as one likes.
REVOKE ALL ON SCHEMA public FROM PUBLIC;

DO $$
DECLARE
    service text;
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO throughcare_reader', current_database());
    EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO throughcare_owner', current_database());
    FOREACH service IN ARRAY ARRAY['allocation', 'resettlement', 'enforcement', 'metrics'] LOOP
        EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION throughcare_owner', service);
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), 'throughcare_' || service);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I, throughcare_reader', service, 'throughcare_' || service);
    END LOOP;
END $$;
