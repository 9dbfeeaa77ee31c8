The log, the revisions, and what verify reads.

-- name: meta_get
SELECT value FROM ledger_meta WHERE name = ?1
-- name: meta_add
INSERT INTO ledger_meta (name, value) VALUES (?1, ?2)
-- name: meta_set
UPDATE ledger_meta SET value = ?2 WHERE name = ?1

-- name: epoch_now
SELECT max(n) FROM epoch
-- name: epoch_add
INSERT INTO epoch (n, seq, body) VALUES (?1, ?2, ?3)
-- name: epoch_all
SELECT n, seq, body FROM epoch ORDER BY n

-- name: entry_last
SELECT seq, hash, leaf FROM entry ORDER BY seq DESC LIMIT 1
-- name: entry_add
INSERT INTO entry (seq, leaf, hash, obj) VALUES (?1, ?2, ?3, ?4)
-- name: entry_hash
SELECT hash FROM entry WHERE seq = ?1
-- name: entry_range
SELECT seq, leaf, hash FROM entry WHERE seq >= ?1 AND seq < ?2 ORDER BY seq
-- name: entry_of_object
SELECT leaf FROM entry WHERE obj = ?1 ORDER BY seq DESC
-- name: entry_objects
SELECT DISTINCT obj FROM entry WHERE obj >= ?1 AND obj < ?2 ORDER BY obj
-- name: node_add
INSERT INTO node (level, idx, hash) VALUES (?1, ?2, ?3)
-- name: node_hash
SELECT hash FROM node WHERE level = ?1 AND idx = ?2
-- name: node_level
SELECT idx, hash FROM node WHERE level = ?1 AND idx >= ?2 ORDER BY idx
-- name: node_above
SELECT count(*) FROM node WHERE level < 1 OR level > ?1 OR level % ?2 <> 0
-- name: reason_add
INSERT INTO reason (seq, salt, text) VALUES (?1, ?2, ?3)
-- name: reason_erase
UPDATE reason SET salt = NULL, text = NULL WHERE seq = ?1 AND text IS NOT NULL

-- name: revision_add
INSERT INTO revision (record, rev, type, body, hash, seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
-- name: revision_get
SELECT r.rev, r.type, r.body, r.hash, r.seq, e.leaf FROM revision r JOIN entry e ON e.seq = r.seq WHERE r.record = ?1 AND r.rev = ?2
-- name: revision_last
SELECT r.rev, r.type, r.body, r.hash, r.seq, e.leaf FROM revision r JOIN entry e ON e.seq = r.seq WHERE r.record = ?1 ORDER BY r.rev DESC LIMIT 1
-- name: revision_head
SELECT rev, hash FROM revision WHERE record = ?1 ORDER BY rev DESC LIMIT 1
-- name: revision_range
SELECT body, hash FROM revision WHERE seq >= ?1 AND seq < ?2 ORDER BY seq
-- name: blob_count
SELECT count(*) FROM blob
-- name: blob_names
SELECT hash FROM blob ORDER BY hash
-- name: revision_hash
SELECT hash FROM revision WHERE record = ?1 AND rev = ?2

-- name: log_up
SELECT e.leaf, e.hash, r.text, r.salt FROM entry e LEFT JOIN reason r ON r.seq = e.seq WHERE e.seq BETWEEN ?1 AND ?2 ORDER BY e.seq
-- name: log_down
SELECT e.leaf, e.hash, r.text, r.salt FROM entry e LEFT JOIN reason r ON r.seq = e.seq WHERE e.seq BETWEEN ?1 AND ?2 ORDER BY e.seq DESC
-- name: log_object_up
SELECT e.leaf, e.hash, r.text, r.salt FROM entry e LEFT JOIN reason r ON r.seq = e.seq WHERE e.obj = ?3 AND e.seq BETWEEN ?1 AND ?2 ORDER BY e.seq
-- name: log_object_down
SELECT e.leaf, e.hash, r.text, r.salt FROM entry e LEFT JOIN reason r ON r.seq = e.seq WHERE e.obj = ?3 AND e.seq BETWEEN ?1 AND ?2 ORDER BY e.seq DESC

-- name: checkpoint_last
SELECT n, size, root, note FROM checkpoint ORDER BY n DESC LIMIT 1
-- name: checkpoint_at
SELECT count(*) FROM checkpoint WHERE size = ?1
-- name: checkpoint_add
INSERT INTO checkpoint (n, size, root, note) VALUES (?1, ?2, ?3, ?4)
-- name: checkpoint_sizes
SELECT size, root FROM checkpoint WHERE size > ?1 ORDER BY size
-- name: checkpoint_all
SELECT n, size, root, note FROM checkpoint ORDER BY n

-- name: timestamp_all
SELECT t.size, t.request, t.reply, t.told, c.note FROM timestamp t LEFT JOIN checkpoint c ON c.size = t.size ORDER BY t.size DESC
-- name: timestamp_add
INSERT INTO timestamp (size, request, reply, told) VALUES (?1, ?2, NULL, '')
-- name: timestamp_set
UPDATE timestamp SET reply = ?2, told = ?3 WHERE size = ?1
-- name: timestamp_notes
SELECT t.size, t.request, t.reply, t.told, c.note FROM timestamp t LEFT JOIN checkpoint c ON c.size = t.size ORDER BY t.size

-- name: verify_entries
SELECT seq, leaf, hash, obj FROM entry WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq
-- name: verify_reasons
SELECT seq, salt, text FROM reason WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq
-- name: verify_revisions
SELECT seq, record, rev, hash, type, body FROM revision WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq
-- name: verify_entry_index
SELECT obj, seq FROM entry ORDER BY obj, seq
-- name: verify_entry_tail
SELECT obj, seq FROM entry WHERE seq >= ?1 ORDER BY seq
-- name: verify_revision_index
SELECT record, rev, seq FROM revision ORDER BY record, rev
-- name: verify_revision_tail
SELECT record, rev, seq FROM revision WHERE seq >= ?1 ORDER BY seq
-- name: verify_blobs
SELECT hash, size, bytes FROM blob ORDER BY hash
