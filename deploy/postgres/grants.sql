-- The rights of one service to its tables, after its migrations; {schema}, {role} and {reader} are filled in.
-- Everything is taken back first, so that a table that becomes append-only becomes so for the next run.
GRANT USAGE ON SCHEMA {schema} TO {role}, {reader};
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}, {reader};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {reader};
