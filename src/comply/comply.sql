Runs of checks, what each changed in the list of gaps, and the gaps that follow from it.

-- name: run_next
SELECT coalesce(max(n), 0) + 1 FROM check_run
-- name: run_add
INSERT INTO check_run (id, n, scope, product, release, at_us, log_size, actor, packs, opened, closed)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
-- name: pack_add
INSERT INTO check_pack (run, pack, version, title, met, partly, not_met, not_applicable, not_assessed, blocking)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
-- name: rule_add
INSERT INTO check_rule (run, rule, state, asked, met, partly, not_met, why) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
-- name: change_add
INSERT INTO check_change (run, fingerprint, kind, rule, object, rev, severity, partly, message, fix)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)

-- name: run_last
SELECT id, product, release, at_us, log_size, actor, packs, opened, closed FROM check_run WHERE scope = ?1 ORDER BY n DESC LIMIT 1
-- name: run_since
SELECT id, product, release, at_us, log_size, actor, packs, opened, closed FROM check_run
WHERE scope = ?1 AND at_us >= ?2 ORDER BY n DESC LIMIT ?3
-- name: run_packs
SELECT pack, version, title, met, partly, not_met, not_applicable, not_assessed, blocking FROM check_pack WHERE run = ?1 ORDER BY rowid
-- name: run_rules
SELECT rule, state, asked, met, partly, not_met, why FROM check_rule WHERE run = ?1 ORDER BY rule
-- name: run_severities
SELECT severity, count(*) FROM gap WHERE scope = ?1 AND closed_us = 0 AND partly = 0 GROUP BY severity

-- name: gap_open
SELECT fingerprint, first_run, first_us, rule, object, rev, severity, partly, message, fix FROM gap WHERE scope = ?1 AND closed_us = 0
ORDER BY fingerprint
-- name: gap_since
SELECT fingerprint, first_run, first_us FROM gap WHERE scope = ?1 AND first_us <= ?2 AND (closed_us = 0 OR closed_us > ?2)
ORDER BY fingerprint, first_us
-- name: run_at
SELECT id, product, release, at_us, log_size, actor, packs, opened, closed FROM check_run
WHERE scope = ?1 AND at_us <= ?2 ORDER BY n DESC LIMIT 1
-- name: changes_until
SELECT c.fingerprint, c.kind, c.rule, c.object, c.rev, c.severity, c.partly, c.message, c.fix FROM check_change c
JOIN check_run r ON r.id = c.run WHERE r.scope = ?1 AND r.at_us <= ?2 ORDER BY r.n, c.fingerprint
-- name: gap_list
SELECT fingerprint, rule, object, rev, severity, partly, message, fix, first_run, first_us, closed_run, closed_us FROM gap
WHERE scope = ?1 AND (?2 IS NULL OR rule = ?2) AND (?3 IS NULL OR object = ?3) AND severity >= ?4 AND (closed_us = 0 OR ?5 = 1)
ORDER BY closed_us <> 0, CASE WHEN closed_us = 0 THEN -2 * severity + partly ELSE -closed_us END, rule, object
-- name: gap_put
INSERT INTO gap (scope, fingerprint, rule, object, rev, severity, partly, message, fix, first_run, first_us, closed_run, closed_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, '', 0)
-- name: gap_change
UPDATE gap SET rev = ?3, severity = ?4, partly = ?5, message = ?6, fix = ?7 WHERE scope = ?1 AND fingerprint = ?2 AND closed_us = 0
-- name: gap_close
UPDATE gap SET closed_run = ?3, closed_us = ?4 WHERE scope = ?1 AND fingerprint = ?2 AND closed_us = 0

-- name: fact_keys
SELECT id FROM check_run ORDER BY n
-- name: fact_rows
SELECT 'run' AS part, scope, product, release, at_us, log_size, actor, packs, opened, closed, '' FROM check_run WHERE id = ?1
UNION ALL
SELECT 'pack', pack, version, title, met, partly, not_met, not_applicable, not_assessed, blocking, '' FROM check_pack WHERE run = ?1
UNION ALL
SELECT 'rule', rule, state, asked, met, partly, not_met, why, '', '', '' FROM check_rule WHERE run = ?1
UNION ALL
SELECT 'change', fingerprint, kind, rule, object, rev, severity, partly, message, fix, '' FROM check_change WHERE run = ?1
ORDER BY 1, 2, 3

-- name: changes_all
SELECT r.scope, c.run, r.at_us, c.fingerprint, c.kind, c.rule, c.object, c.rev, c.severity, c.partly, c.message, c.fix
FROM check_change c JOIN check_run r ON r.id = c.run ORDER BY r.n, c.fingerprint
-- name: gaps_all
SELECT scope, fingerprint, rule, object, rev, severity, partly, message, fix, first_run, first_us, closed_run, closed_us
FROM gap ORDER BY scope, fingerprint, first_us
