Where advisories come from, every try at them, and whose bundles are believed.

-- name: source_put
INSERT INTO feed_source (name, kind, url, scope, max_age_days, enabled, changed_us, since)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT COALESCE(MAX(n), 0) FROM feed_intake))
ON CONFLICT (name) DO UPDATE SET
  since = CASE WHEN kind = excluded.kind AND url = excluded.url AND scope = excluded.scope THEN since ELSE excluded.since END,
  kind = excluded.kind, url = excluded.url, scope = excluded.scope, max_age_days = excluded.max_age_days,
  enabled = excluded.enabled, changed_us = excluded.changed_us

-- name: source_get
SELECT kind, url, scope, max_age_days, enabled FROM feed_source WHERE name = ?1

-- name: source_fact_rows
SELECT name, kind, url, scope, max_age_days, enabled, changed_us, since FROM feed_source WHERE name = ?1

-- name: source_fact_keys
SELECT name FROM feed_source ORDER BY name

-- name: intake_next
SELECT COALESCE(MAX(n), 0) + 1 FROM feed_intake

-- name: intake_add
INSERT INTO feed_intake (n, id, source, kind, outcome, words, origin, at_us, records, rows, fresh, changed, gone, bad, live,
  newest, cursor, pack, skipped, bundle, bundle_n)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)

-- name: intake_fact_rows
SELECT n, id, source, kind, outcome, words, origin, at_us, records, rows, fresh, changed, gone, bad, live, newest, cursor, pack,
  skipped, bundle, bundle_n FROM feed_intake WHERE id = ?1

-- name: intake_fact_keys
SELECT id FROM feed_intake ORDER BY n

-- name: intake_packs
SELECT pack FROM feed_intake WHERE source = ?1 AND outcome = 'taken' AND pack <> '' AND n <= ?2 ORDER BY n

-- name: intake_sources
SELECT DISTINCT i.source FROM feed_intake i LEFT JOIN feed_source s ON s.name = i.source
WHERE i.outcome = 'taken' AND i.pack <> '' AND COALESCE(s.enabled, 1) = 1 ORDER BY 1

-- name: intake_all_packs
SELECT n, id, pack FROM feed_intake WHERE pack <> '' ORDER BY n

-- name: intake_list
SELECT id, source, kind, outcome, words, origin, at_us, records, rows, fresh, changed, gone, bad, live, newest, pack, skipped
FROM feed_intake WHERE (?1 = '' OR source = ?1) ORDER BY n DESC LIMIT ?2

-- name: intake_export
SELECT n, source, kind, origin, at_us, records, rows, fresh, changed, gone, bad, live, newest, pack
FROM feed_intake WHERE outcome = 'taken' AND pack <> '' AND n > ?1 ORDER BY n

-- name: intake_bundle_last
SELECT COALESCE(MAX(bundle_n), 0) FROM feed_intake WHERE bundle = ?1 AND outcome = 'taken'

-- name: status_list
SELECT s.name, s.kind, s.url, s.scope, s.max_age_days, s.enabled, s.since,
  COALESCE((SELECT MAX(n) FROM feed_intake i WHERE i.source = s.name), 0),
  COALESCE((SELECT MAX(n) FROM feed_intake i WHERE i.source = s.name AND i.outcome IN ('taken', 'unchanged')), 0),
  COALESCE((SELECT MAX(n) FROM feed_intake i WHERE i.source = s.name AND i.outcome = 'taken' AND i.pack <> ''), 0)
FROM (SELECT name, kind, url, scope, max_age_days, enabled, since FROM feed_source
      UNION ALL SELECT DISTINCT source, kind, '', '', 0, 2, 0 FROM feed_intake
      WHERE source NOT IN (SELECT name FROM feed_source) GROUP BY source) s
WHERE ?1 = '' OR s.name = ?1 ORDER BY s.name

-- name: status_try
SELECT outcome, words, at_us, records, rows, live, newest, cursor, origin, bad, skipped, fresh, changed, gone FROM feed_intake WHERE n = ?1

-- name: newest_of
SELECT COALESCE(MAX(newest), '') FROM feed_intake WHERE source = ?1 AND outcome = 'taken' AND n > ?2

-- name: built_add
INSERT INTO feed_built (snapshot, intake) VALUES (?1, ?2) ON CONFLICT (snapshot) DO NOTHING

-- name: built_of
SELECT intake FROM feed_built WHERE snapshot = ?1

-- name: built_sources
SELECT DISTINCT source FROM feed_built_source WHERE snapshot = ?1 ORDER BY source

-- name: built_source_add
INSERT INTO feed_built_source (snapshot, source) VALUES (?1, ?2) ON CONFLICT DO NOTHING

-- name: key_put
INSERT INTO feed_key (key, name, trusted, changed_us) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (key) DO UPDATE SET name = excluded.name, trusted = excluded.trusted, changed_us = excluded.changed_us

-- name: key_trusted
SELECT name FROM feed_key WHERE key = ?1 AND trusted = 1

-- name: key_list
SELECT key, name, trusted, changed_us FROM feed_key ORDER BY key

-- name: key_fact_rows
SELECT key, name, trusted, changed_us FROM feed_key WHERE key = ?1

-- name: key_fact_keys
SELECT key FROM feed_key ORDER BY key

-- name: built_fact_rows
SELECT 0, b.snapshot, '', b.intake FROM feed_built b WHERE b.snapshot = ?1
UNION ALL SELECT 1, s.snapshot, s.source, 0 FROM feed_built_source s WHERE s.snapshot = ?1 ORDER BY 1, 3

-- name: built_fact_keys
SELECT snapshot FROM feed_built ORDER BY snapshot

-- name: intake_scores
SELECT n, pack, at_us FROM feed_intake
WHERE outcome = 'taken' AND pack <> '' AND kind IN ('epss', 'kev', 'files') AND n > ?1 ORDER BY n
