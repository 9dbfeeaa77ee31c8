What was said of a package at a moment: for asking what has changed since a decision.

-- name: change_at
SELECT c.package, c.vuln, c.outcome, c.tier, c.rule, c.reason, c.fixed, c.severity, c.advisory, r.snapshot, c.cvss_x10, c.kev,
  c.epss_x1e9, c.active, r.at_us, r.at_us
FROM vuln_change c JOIN vuln_run r ON r.n = c.run
WHERE c.package = ?1 AND c.vuln = ?2 AND r.at_us <= ?3 ORDER BY c.run DESC LIMIT 1

-- name: change_vulns
SELECT DISTINCT c.vuln FROM vuln_run r JOIN vuln_change c ON c.run = r.n WHERE r.id = ?1 AND c.vuln <> '' ORDER BY c.vuln

-- name: change_scores
SELECT r.at_us, MAX(c.cvss_x10), MAX(c.kev), MAX(c.epss_x1e9) FROM verdict v JOIN vuln_change c ON c.package = v.package AND c.vuln = v.vuln
  JOIN vuln_run r ON r.n = c.run WHERE v.vuln = ?1 GROUP BY r.n, r.at_us ORDER BY r.n
