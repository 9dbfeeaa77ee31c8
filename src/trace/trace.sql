What the graph reads: the last revision of each record that changed since.

-- name: graph_head
SELECT coalesce(max(seq) + 1, 0) FROM entry

-- name: graph_changed
SELECT r.id, r.state, r.in_force_rev, r.hash, r.fingerprint, r.created_us, r.changed_us, v.body
FROM record r JOIN revision v ON v.record = r.id AND v.rev = r.rev WHERE r.changed_seq >= ?1 ORDER BY r.changed_seq
