What the graph reads: the last revision of each record that changed since.

-- name: graph_head
SELECT coalesce(max(seq) + 1, 0) FROM entry

-- name: graph_all
SELECT r.id, r.state, r.in_force_rev, r.hash, r.fingerprint, r.created_us, r.changed_us, v.body
FROM record r JOIN revision v ON v.record = r.id AND v.rev = r.rev ORDER BY r.changed_seq

-- name: graph_changed
SELECT r.id, r.state, r.in_force_rev, r.hash, r.fingerprint, r.created_us, r.changed_us, v.body
FROM entry e CROSS JOIN record r ON r.id = e.obj AND r.changed_seq = e.seq JOIN revision v ON v.record = r.id AND v.rev = r.rev
WHERE e.seq >= ?1 ORDER BY e.seq

-- name: baseline_rows
SELECT r.id, r.type, r.rev, r.state, r.in_force_rev, r.hash FROM record r
WHERE r.id IN (SELECT record FROM record_product WHERE product = ?1) OR r.id = ?1 ORDER BY r.id
-- name: comment_add
INSERT INTO comment(key, record, n, answers, author, t_us, text) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
-- name: comment_last
SELECT coalesce(max(n), 0) FROM comment WHERE record = ?1
-- name: comment_list
SELECT key, record, n, answers, author, t_us, text FROM comment WHERE record = ?1 AND t_us <= ?2 ORDER BY n
-- name: comment_all
SELECT key, record, n, answers, author, t_us, text FROM comment WHERE t_us <= ?1 ORDER BY t_us DESC
-- name: comment_mentions
SELECT c.key, c.record, c.n, c.answers, c.author, c.t_us, c.text FROM comment_mention m JOIN comment c ON c.key = m.key
WHERE m.person = ?1 AND NOT EXISTS (SELECT 1 FROM comment_seen s WHERE s.key = m.key AND s.person = m.person)
  AND NOT EXISTS (SELECT 1 FROM comment a WHERE a.record = c.record AND a.n > c.n AND a.author = m.person)
ORDER BY c.t_us DESC LIMIT 100
-- name: mention_add
INSERT INTO comment_mention(key, person) VALUES(?1, ?2) ON CONFLICT DO NOTHING
-- name: mention_seen
INSERT INTO comment_seen(key, person) SELECT key, person FROM comment_mention WHERE key = ?1 AND person = ?2
ON CONFLICT DO NOTHING
-- name: comment_fact_keys
SELECT key FROM comment ORDER BY key
-- name: comment_fact_rows
SELECT 'comment' AS part, record, n, answers, author, t_us, text FROM comment WHERE key = ?1
UNION ALL
SELECT 'mention', person, 0, 0, '', 0, '' FROM comment_mention WHERE key = ?1
ORDER BY 1, 2
-- name: view_next
SELECT coalesce(max(n), 0) + 1 FROM saved_view
-- name: view_mine
SELECT count(*) FROM saved_view WHERE owner = ?1 AND dropped = 0
-- name: view_add
INSERT INTO saved_view(id, n, owner, name, type, query, shared) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
-- name: view_drop
UPDATE saved_view SET dropped = 1 WHERE id = ?1 AND owner = ?2 AND dropped = 0
-- name: view_list
SELECT id, owner, name, type, query, shared FROM saved_view WHERE type = ?1 AND dropped = 0 ORDER BY n
-- name: view_fact_keys
SELECT id FROM saved_view ORDER BY n
-- name: view_fact_rows
SELECT n, owner, name, type, query, shared, dropped FROM saved_view WHERE id = ?1
