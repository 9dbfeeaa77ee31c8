Records as they stand now: what follows from revisions and entries (projection.c makes the tables).
Ids compare without letter case: the columns say so.

-- name: record_put
INSERT INTO record(id, type, rev, state, in_force_rev, title, owner, hash, fingerprint, created_us, changed_us, changed_by, changed_seq)
VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT(id) DO UPDATE SET rev = excluded.rev, state = excluded.state, in_force_rev = excluded.in_force_rev,
  title = excluded.title, owner = excluded.owner, hash = excluded.hash, fingerprint = excluded.fingerprint,
  changed_us = excluded.changed_us, changed_by = excluded.changed_by, changed_seq = excluded.changed_seq

-- name: record_row
SELECT id, type, rev, state, in_force_rev, title, owner, hash, fingerprint, created_us, changed_us, changed_by, changed_seq
FROM record WHERE id = ?1

-- name: record_after
SELECT id FROM record WHERE id > ?1 ORDER BY id LIMIT 40

-- name: record_before
SELECT id FROM record WHERE id < ?1 ORDER BY id DESC LIMIT 40

-- name: record_ids
SELECT id FROM record ORDER BY id

-- name: record_count
SELECT count(*) FROM record

-- name: record_clear
DELETE FROM record

-- name: link_add
INSERT INTO link(source, name, target, seen, self, pos) VALUES(?1, ?2, ?3, ?4, ?5, ?6)

-- name: link_drop
DELETE FROM link WHERE source = ?1

-- name: link_rows
SELECT name, pos, target, seen, self FROM link WHERE source = ?1 ORDER BY name, pos

-- name: link_sources
SELECT DISTINCT source FROM link ORDER BY source

-- name: link_users
SELECT source, name FROM link WHERE target = ?1 ORDER BY source, name

-- name: link_clear
DELETE FROM link

-- name: product_add
INSERT INTO record_product(record, product, pos) VALUES(?1, ?2, ?3)

-- name: product_drop
DELETE FROM record_product WHERE record = ?1

-- name: product_rows
SELECT pos, product FROM record_product WHERE record = ?1 ORDER BY pos

-- name: product_sources
SELECT DISTINCT record FROM record_product ORDER BY record

-- name: product_clear
DELETE FROM record_product

-- name: many_add
INSERT INTO record_many(record, field, pos, value) VALUES(?1, ?2, ?3, ?4)

-- name: many_drop
DELETE FROM record_many WHERE record = ?1

-- name: many_rows
SELECT field, pos, value FROM record_many WHERE record = ?1 ORDER BY field, pos

-- name: many_sources
SELECT DISTINCT record FROM record_many ORDER BY record

-- name: many_clear
DELETE FROM record_many

-- name: contributor_add
INSERT INTO record_contributor(record, person) VALUES(?1, ?2) ON CONFLICT DO NOTHING

-- name: contributor_drop
DELETE FROM record_contributor WHERE record = ?1

-- name: contributor_count
SELECT count(*) FROM record_contributor WHERE record = ?1

-- name: contributor_has
SELECT 1 FROM record_contributor WHERE record = ?1 AND person = ?2

-- name: contributor_rows
SELECT person FROM record_contributor WHERE record = ?1 ORDER BY person

-- name: contributor_sources
SELECT DISTINCT record FROM record_contributor ORDER BY record

-- name: contributor_clear
DELETE FROM record_contributor

-- name: number_put
INSERT INTO record_number(type, last) VALUES(?1, ?2) ON CONFLICT(type) DO UPDATE SET last = excluded.last

-- name: number_row
SELECT last FROM record_number WHERE type = ?1

-- name: number_clear
DELETE FROM record_number

-- name: model_row
SELECT ddl FROM record_model WHERE name = ?1

-- name: model_put
INSERT INTO record_model(name, ddl) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET ddl = excluded.ddl

-- name: model_rows
SELECT name, ddl FROM record_model ORDER BY name
