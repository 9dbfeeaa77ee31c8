SBOMs, their components and dependencies, distinct packages, and the answers that people gave about components.

-- ---- importing ----

-- name: sbom_same
SELECT id, components, current FROM sbom WHERE product = ?1 AND release = ?2 AND name = ?3 AND sha256 = ?4 ORDER BY n DESC LIMIT 1

-- name: sbom_next
SELECT COALESCE(MAX(n), 0) + 1 FROM sbom

-- name: sbom_add
INSERT INTO sbom (n, id, product, release, name, element, file, format, spec, serial, sha256, components, dependencies,
  imported_us, imported_by, report, current)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 1)

-- name: sbom_supersede
UPDATE sbom SET current = 0 WHERE product = ?1 AND release = ?2 AND name = ?3 AND n < ?4 AND current = 1

-- name: package_find
SELECT id FROM package WHERE key = ?1

-- name: package_next
SELECT COALESCE(MAX(id), 0) + 1 FROM package

-- name: package_add
INSERT INTO package (id, key, identity, purl, cpe, swid, other_ids, type, grp, name, version, distro, upstream)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (key) DO NOTHING

-- name: component_add
INSERT INTO sbom_component (sbom, component, package, parent, subject, ref, sort, supplier, licence, hashes, scope,
  support_level, support_end)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)

-- name: dependency_add
INSERT INTO sbom_dependency (sbom, from_component, to_component) VALUES (?1, ?2, ?3)

-- ---- answers ----

-- name: answer_add
INSERT INTO component_fact (key, n, product, identity, version, field, value, source, by_person, at_us)
VALUES (?1, (SELECT COALESCE(MAX(n), 0) + 1 FROM component_fact WHERE key = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

-- name: answer_last
SELECT value FROM component_fact WHERE key = ?1 AND field = ?2 ORDER BY n DESC LIMIT 1

-- name: answer_known
SELECT COUNT(*) FROM (SELECT 1 FROM sbom s JOIN sbom_component c ON c.sbom = s.n JOIN package p ON p.id = c.package
  WHERE s.product = ?1 AND p.identity = ?2 AND (?3 = '' OR p.version = ?3) LIMIT 1) AS known

-- name: now_drop
DELETE FROM component_now WHERE product = ?1 AND identity = ?2 AND version = ?3

-- name: now_add
INSERT INTO component_now (product, identity, version, supplier, licence, support_level, support_end, element)
SELECT product, identity, version, supplier, licence, support_level, support_end, element FROM component_last WHERE key = ?1

-- ---- facts and verifying ----

-- name: sbom_fact_rows
SELECT 0 AS kind, s.n AS a, s.components AS b, s.id AS t1, s.product AS t2, s.release AS t3, s.name AS t4, s.element AS t5,
  s.file AS t6, s.format AS t7, s.spec AS t8, s.serial AS t9, s.sha256 AS t10, s.imported_by AS t11, s.report AS t12,
  '' AS t13, '' AS t14, '' AS t15, '' AS t16, s.imported_us AS c, s.dependencies AS d
FROM sbom s WHERE s.id = ?1
UNION ALL
SELECT 1, c.component, c.parent, c.ref, p.purl, p.cpe, p.swid, p.other_ids, p.type, p.grp, p.name, p.version, p.distro,
  p.upstream, c.supplier, c.licence, c.hashes, c.scope, c.support_level || ' ' || c.support_end, c.package, c.subject
FROM sbom s JOIN sbom_component c ON c.sbom = s.n JOIN package p ON p.id = c.package WHERE s.id = ?1
UNION ALL
SELECT 2, d.from_component, d.to_component, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', 0, 0
FROM sbom s JOIN sbom_dependency d ON d.sbom = s.n WHERE s.id = ?1
ORDER BY 1, 2, 3

-- name: sbom_fact_keys
SELECT id FROM sbom ORDER BY n

-- name: answer_fact_rows
SELECT n, product, identity, version, field, value, source, by_person, at_us FROM component_fact WHERE key = ?1 ORDER BY n

-- name: answer_fact_keys
SELECT DISTINCT key FROM component_fact ORDER BY key

-- name: verify_current
SELECT s.id FROM sbom s WHERE s.current <> (CASE WHEN EXISTS (SELECT 1 FROM sbom o WHERE o.product = s.product
  AND o.release = s.release AND o.name = s.name AND o.n > s.n) THEN 0 ELSE 1 END) ORDER BY s.n

-- name: verify_now
SELECT product, identity, version FROM (
  SELECT product, identity, version, supplier, licence, support_level, support_end, element FROM component_now
  EXCEPT SELECT product, identity, version, supplier, licence, support_level, support_end, element FROM component_last) AS extra
UNION SELECT product, identity, version FROM (
  SELECT product, identity, version, supplier, licence, support_level, support_end, element FROM component_last
  EXCEPT SELECT product, identity, version, supplier, licence, support_level, support_end, element FROM component_now) AS lost
ORDER BY 1, 2, 3

-- name: verify_files
SELECT id, sha256 FROM sbom ORDER BY n

-- name: verify_keys
SELECT id, key, purl, cpe, swid, other_ids, type, grp, name, version, distro, upstream, identity FROM package ORDER BY id

-- ---- reading ----

-- name: sbom_list
SELECT id, product, release, name, element, file, format, spec, serial, sha256, imported_by, components, dependencies,
  imported_us, current
FROM sbom WHERE (?1 = '' OR product = ?1) AND (?2 = '' OR release = ?2) AND (?3 = 0 OR current = 1) ORDER BY n DESC

-- name: sbom_tables
SELECT report FROM sbom WHERE report LIKE '%"encoding":"csv"%' ORDER BY n DESC LIMIT 20

-- name: sbom_get
SELECT id, product, release, name, element, file, format, spec, serial, sha256, imported_by, components, dependencies,
  imported_us, current, report
FROM sbom WHERE id = ?1

-- name: packages_all
SELECT id, identity, purl, cpe, other_ids, type, grp, name, version, distro, upstream FROM package p
WHERE id > ?1 AND EXISTS (SELECT 1 FROM sbom_component c WHERE c.package = p.id AND c.subject = 0) ORDER BY id LIMIT ?2

-- name: packages_of
SELECT p.id, p.identity, p.purl, p.cpe, p.other_ids, p.type, p.grp, p.name, p.version, p.distro, p.upstream
FROM (SELECT DISTINCT c.package AS id FROM sbom_component c
  WHERE c.sbom = (SELECT n FROM sbom WHERE id = ?1) AND c.package > ?2 AND c.subject = 0 ORDER BY c.package LIMIT ?3) AS page
JOIN package p ON p.id = page.id ORDER BY page.id

-- name: package_get
SELECT id, identity, purl, cpe, other_ids, type, grp, name, version, distro, upstream FROM package WHERE id = ?1

-- name: package_uses
SELECT sbom_id, product, release, element, component, current FROM component_seen
WHERE package = ?1 AND subject = 0 AND (?2 = 0 OR current = 1) ORDER BY sbom, component

-- name: component_page
SELECT component, package, identity, purl, cpe, other_ids, type, grp, name, version, distro, upstream, ref, supplier,
  licence, hashes, scope, support_level, support_end, element, parent, subject, sort
FROM component_seen
WHERE sbom = (SELECT n FROM sbom WHERE id = ?1) AND (sort > ?2 OR (sort = ?2 AND component > ?3)) AND sort >= ?2
  AND subject = 0
  AND (?4 = '' OR lower(name) LIKE ?4 ESCAPE '\' OR lower(grp) LIKE ?4 ESCAPE '\' OR lower(purl) LIKE ?4 ESCAPE '\')
  AND ((?5 & 1) = 0 OR supplier = '')
  AND ((?5 & 2) = 0 OR version = '')
  AND ((?5 & 4) = 0 OR (purl = '' AND cpe = '' AND swid = '' AND other_ids = ''))
  AND ((?5 & 8) = 0 OR purl = '')
  AND ((?5 & 16) = 0 OR licence = '')
  AND ((?5 & 32) = 0 OR hashes = '')
  AND ((?5 & 64) = 0 OR support_level = '')
  AND ((?5 & 128) = 0 OR support_end = '')
  AND ((?5 & 256) = 0 OR element = '')
  AND ((?5 & 512) = 0 OR (length(support_end) = 10 AND support_end >= '1' AND support_end < ?6))
ORDER BY sort, component LIMIT ?7

-- name: component_get
SELECT component, package, identity, purl, cpe, other_ids, type, grp, name, version, distro, upstream, ref, supplier,
  licence, hashes, scope, support_level, support_end, element, parent, subject, sort
FROM component_seen WHERE sbom = (SELECT n FROM sbom WHERE id = ?1) AND component = ?2

-- name: counts_of
SELECT COUNT(*), COUNT(CASE WHEN supplier = '' THEN 1 END), COUNT(CASE WHEN version = '' THEN 1 END),
  COUNT(CASE WHEN purl = '' AND cpe = '' AND swid = '' AND other_ids = '' THEN 1 END),
  COUNT(CASE WHEN licence = '' THEN 1 END), COUNT(CASE WHEN hashes = '' THEN 1 END),
  COUNT(CASE WHEN support_level = '' THEN 1 END), COUNT(CASE WHEN support_end = '' THEN 1 END),
  COUNT(CASE WHEN length(support_end) = 10 AND support_end >= '1' AND support_end < ?2 THEN 1 END),
  COUNT(CASE WHEN element = '' THEN 1 END)
FROM component_seen WHERE sbom = (SELECT n FROM sbom WHERE id = ?1) AND subject = 0

-- name: counts_product
SELECT COUNT(*), COUNT(CASE WHEN supplier = '' THEN 1 END), COUNT(CASE WHEN version = '' THEN 1 END),
  COUNT(CASE WHEN purl = '' AND cpe = '' AND swid = '' AND other_ids = '' THEN 1 END),
  COUNT(CASE WHEN licence = '' THEN 1 END), COUNT(CASE WHEN hashes = '' THEN 1 END),
  COUNT(CASE WHEN support_level = '' THEN 1 END), COUNT(CASE WHEN support_end = '' THEN 1 END),
  COUNT(CASE WHEN length(support_end) = 10 AND support_end >= '1' AND support_end < ?2 THEN 1 END),
  COUNT(CASE WHEN element = '' THEN 1 END)
FROM component_seen WHERE product = ?1 AND (?3 = '' OR release = ?3) AND current = 1 AND subject = 0

-- name: above
SELECT from_component FROM sbom_dependency WHERE sbom = ?1 AND to_component = ?2
UNION SELECT parent FROM sbom_component WHERE sbom = ?1 AND component = ?2 AND parent >= 0 ORDER BY 1

-- name: sbom_number
SELECT n FROM sbom WHERE id = ?1

-- name: component_name
SELECT p.name, p.version FROM sbom_component c JOIN package p ON p.id = c.package WHERE c.sbom = ?1 AND c.component = ?2

-- name: versions_of
-- With what the SBOM is of: SPDX has it among its packages, CycloneDX beside its components.
SELECT identity, version, name, licence, supplier FROM component_seen
WHERE sbom = (SELECT n FROM sbom WHERE id = ?1) ORDER BY 1, 2, component

-- ---- writing ----

-- name: answered
SELECT supplier, licence, support_level, support_end FROM component_seen WHERE sbom = (SELECT n FROM sbom WHERE id = ?1)
ORDER BY component

-- name: support_table
SELECT CASE WHEN grp = '' THEN name ELSE grp || '/' || name END, version, supplier, support_level, support_end, licence, purl
FROM component_seen WHERE sbom = (SELECT n FROM sbom WHERE id = ?1) AND subject = 0 ORDER BY sort, component
