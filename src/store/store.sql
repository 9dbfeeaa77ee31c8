Statements of the store itself.

-- name: step_list
SELECT name FROM store_version ORDER BY seq
-- name: step_add
INSERT INTO store_version (name, at_us) VALUES (?1, ?2)
-- name: blob_add
INSERT INTO blob (hash, size, bytes) VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO NOTHING
-- name: blob_bytes
SELECT bytes FROM blob WHERE hash = ?1
