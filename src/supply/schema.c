/* schema.c - the tables of supply/.  Absent text is '' everywhere, so that no question needs a word about NULL. */
#include "supply/inside.h"

/* package: a distinct package version, found again by `key`, a digest of all its other columns but identity.
 * component_fact: answers that people gave, appended, never changed; component_now: the last of each, for joining. */
static const char tables[] =
  "CREATE TABLE package (\n"
  "  id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, identity TEXT NOT NULL, purl TEXT NOT NULL, cpe TEXT NOT NULL,\n"
  "  swid TEXT NOT NULL, other_ids TEXT NOT NULL, type TEXT NOT NULL, grp TEXT NOT NULL, name TEXT NOT NULL,\n"
  "  version TEXT NOT NULL, distro TEXT NOT NULL, upstream TEXT NOT NULL);\n"
  "CREATE INDEX package_identity ON package (identity, version);\n"
  "CREATE TABLE sbom (\n"
  "  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, product TEXT NOT NULL, release TEXT NOT NULL,\n"
  "  name TEXT NOT NULL, element TEXT NOT NULL,\n"
  "  file TEXT NOT NULL, format TEXT NOT NULL, spec TEXT NOT NULL, serial TEXT NOT NULL,\n"
  "  sha256 TEXT NOT NULL, components INTEGER NOT NULL, dependencies INTEGER NOT NULL, imported_us INTEGER NOT NULL,\n"
  "  imported_by TEXT NOT NULL, report TEXT NOT NULL, current INTEGER NOT NULL);\n"
  "CREATE INDEX sbom_product ON sbom (product, release, name);\n"
  "CREATE TABLE sbom_component (\n"
  "  sbom INTEGER NOT NULL, component INTEGER NOT NULL, package INTEGER NOT NULL, parent INTEGER NOT NULL,\n"
  "  subject INTEGER NOT NULL, ref TEXT NOT NULL, sort TEXT NOT NULL, supplier TEXT NOT NULL, licence TEXT NOT NULL,\n"
  "  hashes TEXT NOT NULL, scope TEXT NOT NULL, support_level TEXT NOT NULL, support_end TEXT NOT NULL,\n"
  "  PRIMARY KEY (sbom, component)) WITHOUT ROWID;\n"
  "CREATE INDEX sbom_component_sort ON sbom_component (sbom, sort, component);\n"
  "CREATE INDEX sbom_component_package ON sbom_component (package, sbom, component);\n"
  "CREATE TABLE sbom_dependency (\n"
  "  sbom INTEGER NOT NULL, from_component INTEGER NOT NULL, to_component INTEGER NOT NULL,\n"
  "  PRIMARY KEY (sbom, from_component, to_component)) WITHOUT ROWID;\n"
  "CREATE INDEX sbom_dependency_to ON sbom_dependency (sbom, to_component, from_component);\n"
  "CREATE TABLE component_fact (\n"
  "  key TEXT NOT NULL, n INTEGER NOT NULL, product TEXT NOT NULL, identity TEXT NOT NULL, version TEXT NOT NULL,\n"
  "  field TEXT NOT NULL, value TEXT NOT NULL, source TEXT NOT NULL, by_person TEXT NOT NULL, at_us INTEGER NOT NULL,\n"
  "  PRIMARY KEY (key, n)) WITHOUT ROWID;\n"
  "CREATE TABLE component_now (\n"
  "  product TEXT NOT NULL, identity TEXT NOT NULL, version TEXT NOT NULL, supplier TEXT, licence TEXT,\n"
  "  support_level TEXT, support_end TEXT, element TEXT,\n"
  "  PRIMARY KEY (product, identity, version)) WITHOUT ROWID;\n"
  /* The last answer of each field; '' takes an answer back. */
  "CREATE VIEW component_last AS SELECT f.key, f.product, f.identity, f.version,\n"
  "  MAX(CASE WHEN f.field = 'supplier' AND f.value <> '' THEN f.value END) AS supplier,\n"
  "  MAX(CASE WHEN f.field = 'licence' AND f.value <> '' THEN f.value END) AS licence,\n"
  "  MAX(CASE WHEN f.field = 'support_level' AND f.value <> '' THEN f.value END) AS support_level,\n"
  "  MAX(CASE WHEN f.field = 'support_end' AND f.value <> '' THEN f.value END) AS support_end,\n"
  "  MAX(CASE WHEN f.field = 'element' AND f.value <> '' THEN f.value END) AS element\n"
  "  FROM component_fact f\n"
  "  WHERE f.n = (SELECT MAX(g.n) FROM component_fact g WHERE g.key = f.key AND g.field = f.field)\n"
  "  GROUP BY f.key, f.product, f.identity, f.version;\n"
  /* A component as it is to be seen: an answer for its version, else one for every version, else what the file says. */
  "CREATE VIEW component_seen AS SELECT c.sbom, s.id AS sbom_id, s.product, s.release, s.current, c.component,\n"
  "  c.package,\n"
  "  c.parent, c.subject, c.ref, c.sort, c.hashes, c.scope, p.identity, p.purl, p.cpe, p.swid, p.other_ids, p.type,\n"
  "  p.grp, p.name, p.version, p.distro, p.upstream,\n"
  "  COALESCE(v.supplier, a.supplier, c.supplier) AS supplier, COALESCE(v.licence, a.licence, c.licence) AS licence,\n"
  "  COALESCE(v.support_level, a.support_level, c.support_level) AS support_level,\n"
  "  COALESCE(v.support_end, a.support_end, c.support_end) AS support_end,\n"
  "  COALESCE(v.element, a.element, s.element) AS element\n"
  "  FROM sbom s JOIN sbom_component c ON c.sbom = s.n JOIN package p ON p.id = c.package\n"
  "  LEFT JOIN component_now v ON v.product = s.product AND v.identity = p.identity AND v.version = p.version\n"
  "  LEFT JOIN component_now a ON a.product = s.product AND a.identity = p.identity AND a.version = '';\n"
  ;

/* The distinct packages of one SBOM, page after page, without sorting all of them for each. */
static const char packages_index[] = "CREATE INDEX sbom_component_of ON sbom_component (sbom, package, subject);\n";

const Migration supply_schema[SCHEMA_STEPS] = { { "supply.1", tables }, { "supply.2", packages_index } };
const size_t supply_nschema = SCHEMA_STEPS;
