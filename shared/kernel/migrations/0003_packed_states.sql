-- States as `shared.kernel.packed` has them: plain JSON, or JSON that is compressed and stays in its row. PostgreSQL
-- would parse them at each turn (jsonb), and keep what is over two kilobytes elsewhere, in pieces.
ALTER TABLE aggregate SET (toast_tuple_target = 8160);
ALTER TABLE aggregate ALTER COLUMN state TYPE bytea USING convert_to(state::text, 'UTF8');
ALTER TABLE aggregate ALTER COLUMN state SET STORAGE EXTERNAL;
