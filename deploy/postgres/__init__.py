"""Who may do what in the database: roles, schemas and grants, as SQL that can be run again at any time."""
