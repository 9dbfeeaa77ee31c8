Which snapshots were taken into use, and what every run said about every distinct package version.

-- name: snapshot_add
INSERT INTO vuln_snapshot (n, id, sha256, file, sources, activated_us)
VALUES ((SELECT COALESCE(MAX(n), 0) + 1 FROM vuln_snapshot), ?1, ?2, ?3, ?4, ?5)

-- name: snapshot_next
SELECT COALESCE(MAX(n), 0) + 1 FROM vuln_snapshot

-- name: snapshot_list
SELECT sha256, file, sources, activated_us, n = (SELECT MAX(n) FROM vuln_snapshot) FROM vuln_snapshot ORDER BY n DESC LIMIT ?1

-- name: snapshot_fact_rows
SELECT n, sha256, file, sources, activated_us FROM vuln_snapshot WHERE id = ?1

-- name: snapshot_fact_keys
SELECT id FROM vuln_snapshot ORDER BY n

-- ---- runs ----

-- name: run_next
SELECT COALESCE(MAX(n), 0) + 1 FROM vuln_run

-- name: run_add
INSERT INTO vuln_run (n, id, snapshot, sbom, at_us, packages, last_package, engine, last_sbom, last_key, rules,
  whole, missed)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)

-- name: run_whole
SELECT MAX(at_us), missed FROM vuln_run WHERE whole = 1

-- name: run_first
SELECT COALESCE(MIN(at_us), 0) FROM vuln_run WHERE sbom = ''

-- name: run_base
SELECT b.snapshot, b.last_package, b.packages FROM vuln_run b
WHERE b.n = (SELECT MAX(n) FROM vuln_run WHERE sbom = '') AND b.engine = ?2 AND b.rules = ?3
  AND NOT EXISTS (SELECT 1 FROM vuln_run r
    WHERE r.n > b.n AND (r.snapshot NOT IN (b.snapshot, ?1) OR r.engine <> b.engine OR r.rules <> b.rules))

-- name: sbom_last
SELECT COALESCE(MAX(n), 0) FROM sbom

-- name: sbom_seen
SELECT COALESCE(MAX(last_sbom), -1) FROM vuln_run WHERE sbom = ''

-- name: sboms_after
SELECT id FROM sbom WHERE n > ?1 AND current = 1 ORDER BY n

-- name: key_put
INSERT INTO vuln_key (key, package) VALUES (?1, ?2) ON CONFLICT (key, package) DO NOTHING

-- name: key_clear
DELETE FROM vuln_key

-- name: key_last
SELECT last_key FROM vuln_run WHERE n = (SELECT MAX(n) FROM vuln_run) AND engine = ?1 AND rules = ?2

-- name: key_packages
SELECT package FROM vuln_key WHERE key = ?1

-- name: said_put
INSERT INTO vuln_said (package, digest) VALUES (?1, ?2)
ON CONFLICT (package) DO UPDATE SET digest = excluded.digest WHERE digest <> excluded.digest

-- name: said_of
SELECT p.id, v.digest, p.purl, p.cpe, p.other_ids, p.name, p.version, p.distro, p.upstream
FROM package p LEFT JOIN vuln_said v ON v.package = p.id WHERE p.id = ?1

-- name: said_all
SELECT p.id, v.digest, p.purl, p.cpe, p.other_ids, p.name, p.version, p.distro, p.upstream
FROM package p LEFT JOIN vuln_said v ON v.package = p.id
WHERE p.id > ?1
  AND (v.package IS NOT NULL OR EXISTS (SELECT 1 FROM sbom_component c WHERE c.package = p.id AND c.subject = 0))
ORDER BY p.id LIMIT ?2

-- name: change_add
INSERT INTO vuln_change (run, package, vuln, outcome, tier, rule, reason, fixed, severity, advisory, cvss_x10, kev, epss_x1e9, active)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)

-- name: verdict_put
INSERT INTO verdict (package, vuln, run, outcome, active, first_us, last_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
ON CONFLICT (package, vuln) DO UPDATE SET run = excluded.run, outcome = excluded.outcome, active = excluded.active,
  last_us = excluded.last_us

-- name: exposure_add
INSERT INTO vuln_exposure (sbom, vuln, run) VALUES (?1, ?2, ?3) ON CONFLICT (sbom, vuln) DO NOTHING

-- name: run_fact_rows
SELECT 0 AS kind, r.packages AS a, r.snapshot AS t1, r.sbom AS t2, '' AS t3, '' AS t4, '' AS t5, '' AS t6, '' AS t7, '' AS t8,
  r.at_us AS b, r.last_package AS c, r.engine AS d, 0 AS e, 0 AS f
FROM vuln_run r WHERE r.id = ?1
UNION ALL
SELECT 1, c.package, c.vuln, c.tier, c.rule, c.reason, c.fixed, c.severity, c.advisory, '', c.outcome, c.cvss_x10, c.kev,
  c.epss_x1e9, c.active
FROM vuln_run r JOIN vuln_change c ON c.run = r.n WHERE r.id = ?1
UNION ALL
SELECT 2, 0, x.sbom, x.vuln, '', '', '', '', '', '', 0, 0, 0, 0, 0
FROM vuln_run r JOIN vuln_exposure x ON x.run = r.n WHERE r.id = ?1
ORDER BY 1, 2, 3, 4

-- name: run_fact_keys
SELECT id FROM vuln_run ORDER BY n

-- ---- reading ----

-- name: verdict_of_package
SELECT v.package, v.vuln, c.outcome, c.tier, c.rule, c.reason, c.fixed, c.severity, c.advisory, r.snapshot, c.cvss_x10, c.kev,
  c.epss_x1e9, v.active, v.first_us, v.last_us
FROM verdict v JOIN vuln_change c ON c.run = v.run AND c.package = v.package AND c.vuln = v.vuln JOIN vuln_run r ON r.n = v.run
WHERE v.package = ?1 ORDER BY v.vuln

-- name: verdict_of_vuln
SELECT v.package, v.vuln, c.outcome, c.tier, c.rule, c.reason, c.fixed, c.severity, c.advisory, r.snapshot, c.cvss_x10, c.kev,
  c.epss_x1e9, v.active, v.first_us, v.last_us
FROM verdict v JOIN vuln_change c ON c.run = v.run AND c.package = v.package AND c.vuln = v.vuln JOIN vuln_run r ON r.n = v.run
WHERE (?1 = '' OR v.vuln = ?1) AND (?2 < 0 OR v.outcome = ?2) AND (?3 = 1 OR v.active = 1)
ORDER BY v.active DESC, v.outcome, v.vuln, v.package LIMIT ?4

-- name: verify_verdicts
SELECT v.package, v.vuln FROM verdict v
LEFT JOIN vuln_change c ON c.run = v.run AND c.package = v.package AND c.vuln = v.vuln
WHERE c.run IS NULL OR c.outcome <> v.outcome OR c.active <> v.active
  OR v.run <> (SELECT MAX(m.run) FROM vuln_change m WHERE m.package = v.package AND m.vuln = v.vuln)
UNION
SELECT c.package, c.vuln FROM vuln_change c LEFT JOIN verdict v ON v.package = c.package AND v.vuln = c.vuln WHERE v.run IS NULL
