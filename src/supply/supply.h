/* supply.h - what is inside the product, who supplies it, and how long they stand behind it.
 *
 * Floor 6.  Includes base, format, crypto, store, serve, ledger.
 * Reads CycloneDX 1.0 to 1.7 (JSON, XML), SPDX 2.2 and 2.3 (JSON, tag-value, YAML), SPDX 3.0 (JSON-LD), archives of
 * SPDX 2 documents and tables of components (CSV, XLSX) from hostile hands (in format's jail) into one model, checks
 * them against their specifications and the minimum elements (NTIA 2021, FDA 2026 V.A.4, CISA 2025), keeps what was
 * imported, and writes CycloneDX 1.4 to 1.7, SPDX 2.3 and the support table.
 * Truth: tables sbom, sbom_component, sbom_dependency, package (fact "sbom", one entry per import), component_fact
 * (fact "component", one entry per answer) and the original bytes as a blob.  Derived: sbom.current, component_now.
 * Limits: settings sbom_max_bytes and sbom_max_components; 1,000,000 dependencies; nesting 64. */
#pragma once
#include "ledger/ledger.h"
#include "serve/serve.h"

/* ---- the model: one SBOM as read ---- */

typedef enum SbomFormat { SBOM_UNKNOWN, SBOM_CYCLONEDX, SBOM_SPDX } SbomFormat;
const char *sbom_format_name(SbomFormat f);            /* "CycloneDX", "SPDX", "" */

#define SBOM_NONE UINT32_MAX                           /* no such component */
enum { SBOM_LISTED = 0, SBOM_SUBJECT = 1 };  /* role: from the list; what the SBOM is of, not itself in the list */

/* `upstream` of a distribution's package in an SBOM that names no source package of that kind at all: where one is
 * named, its absence means that the source package has the same name; where none is, it means that nobody knows. */
#define SBOM_SOURCE_UNKNOWN "?"

/* Absent text is STR_NONE.  Text is as the file says it (checked UTF-8), never corrected. */
typedef struct SbomComponent {
  Str ref;               /* bom-ref or SPDXID */
  Str type;              /* library, application, operating-system, firmware, device ... */
  Str group, name, version;
  Str purl, cpe, swid;   /* cpe: 2.3 or 2.2 form; the first when the file gives several */
  Str other_ids;         /* further identifiers, one per line: more CPEs and purls, SWHID, OmniBOR */
  Str supplier, licence; /* licence: SPDX expression or names joined with " AND " */
  Str hashes;            /* "SHA-256:ab12... SHA-1:..." */
  Str scope;             /* required optional excluded */
  Str distro, upstream;  /* for matching: from purl qualifiers, known properties or the SBOM's operating system */
  Str support_level, support_end;      /* as stated in the file; support_end YYYY-MM-DD */
  uint32_t parent;       /* index of the component that it is nested in, or SBOM_NONE */
  uint32_t role;         /* SBOM_LISTED or SBOM_SUBJECT */
} SbomComponent;

typedef struct SbomEdge { uint32_t from, to; } SbomEdge;             /* indices into component: from depends on to */
/* The words of a licence that is none of SPDX's list: id is LicenseRef-... or the name that components give it. */
typedef struct SbomLicence { Str id, name, text; } SbomLicence;
typedef struct SbomProblem { bool error; Str where, what; } SbomProblem;   /* where: JSON pointer */

typedef struct Sbom {
  SbomFormat format;
  Str spec;              /* "1.6", "2.3" */
  Str encoding;          /* json xml tag-value yaml */
  Str serial;            /* serialNumber or documentNamespace */
  Str doc_version;       /* of the document itself */
  Str doc_name;
  Str timestamp;         /* as written */
  Str tools, authors, supplier;        /* names joined with ", " */
  Str lifecycle;         /* build, pre-build ...: CISA 2025 "generation context" */
  Str coverage;          /* compositions: complete, incomplete, unknown ... joined; "" when not stated */
  Str columns;           /* of a table: which column was taken for what, as SbomOptions has it */
  uint32_t root;         /* index of what the SBOM is of, or SBOM_NONE */
  uint32_t listed;       /* components in the list, nested ones too, without the SBOM_SUBJECT */
  uint32_t dependencies; /* as stated in the file; edge holds the ones whose both ends are components */
  uint32_t no_relation;  /* components that no dependency and no nesting mentions */
  VEC(SbomComponent) component;
  VEC(SbomEdge) edge;    /* sorted, no duplicates */
  VEC(SbomLicence) licence;            /* each id once */
  VEC(SbomProblem) problems;           /* errors first; at most SBOM_MAX_PROBLEMS kept */
  uint32_t errors, warnings;           /* all, also those beyond the cap */
  Str rows;              /* the same in the form that sbom.import takes */
} Sbom;
enum { SBOM_MAX_PROBLEMS = 500 };

/* accept_errors: a document that departs from its specification is read nevertheless, its errors among its problems.
 * columns: of a table (CSV, XLSX), "name=Part,version=Rev,type=:device": which column is what, or one word for all
 * rows; none: as the first line of `remembered` that fits the table says, else by the names of the columns. */
typedef struct SbomOptions {
  size_t max_bytes, max_components, max_edges;
  bool accept_errors;
  Str columns, remembered;
} SbomOptions;
SbomOptions supply_options(const Settings *set);       /* NULL: the defaults */

/* How earlier tables were read, newest first, one line each: for SbomOptions. */
Err supply_columns(Cx *cx, Store *s, Str *out);

/* Reads an SBOM in a throw-away jailed child and checks every row that comes back.  A leading byte order mark is
 * fine. Needs about three times the file in cx->arena (200,000 components, 62 MiB: 182 MiB); give that Cx a wide cap.
 * E_FORMAT: not JSON (names what it is: XML, tag-value, YAML, PDF, zip ...), not an SBOM, or an unknown spec version.
 * E_UNREADABLE: broken JSON, with byte offset and inside what.  E_TOO_LARGE: names the setting.
 * E_INVALID: it departs from its specification (a problem of level error), and opt->accept_errors is not set. */
Err supply_read(Cx *cx, Str bytes, const SbomOptions *opt, Sbom *out);
/* The same without the jail: for the fuzzer and the tests. */
Err supply_parse(Cx *cx, Str bytes, const SbomOptions *opt, Sbom *out);

/* proofline.sbom-check/1 of a file that was read. */
Err supply_check_json(Cx *cx, const Sbom *s, Buf *out);
/* Reads and writes proofline.sbom-check/1 in any case: a file that can't be used gives one with an "error" problem
 * and *usable false.  Fails only for reasons that are not the file's. */
Err supply_check(Cx *cx, Str bytes, const SbomOptions *opt, Buf *out, bool *usable);

/* The minimum elements of a stored SBOM, answers included: what is asked, by whom, and how often it is there. */
typedef struct ElementState {
  const char *name, *label;                            /* "support_end", "End of support" */
  bool ntia, fda, cisa;                                /* NTIA 2021, FDA 2026 V.A.4, CISA 2025 (draft) */
  int64_t present, missing;                            /* of the document: 0 or 1 */
} ElementState;
typedef VEC(ElementState) ElementStates;
Err supply_elements(Cx *cx, Store *s, Str sbom, ElementStates *out);   /* E_NOTFOUND */

/* CycloneDX XML as the JSON that says the same; for the jail.  E_FORMAT, E_UNREADABLE. */
Err xml_to_json(Cx *cx, Str text, Buf *json);

/* ---- storing: commands sbom.import, sbom.refuse, component.set ---- */

/* sbom.import   args product release name element file accept_errors; payload made by supply_import_ask.
 *               result {"sbom":"SBM-0001","components":n,"already":bool,"current":bool}; the older one of the same
 *               product, release and name stops being current.  Same bytes again: "already" true, nothing is written.
 * sbom.refuse   args product release file sha256 why: an entry "sbom.refused", nothing else.
 * component.set args product identity version field value source.  field: supplier licence support_level support_end
 *               element; version "" means every version; value "" takes the answer back.  Needs a reason. */
extern const Command *const supply_commands[];
extern const size_t supply_ncommands;
extern const Migration supply_schema[];
extern const size_t supply_nschema;
extern const VerifyPart supply_verify_part;

/* columns: for the reader of a table, as in SbomOptions */
typedef struct SbomImport { Str product, release, name, element, file; bool accept_errors; Str columns; } SbomImport;
/* Fills command, args_json and payload of an Ask; the caller adds who, how and why. */
Err supply_import_ask(Cx *cx, const Sbom *s, Str bytes, const SbomImport *what, Ask *out);
/* Fills an Ask for sbom.refuse. */
Err supply_refuse_ask(Cx *cx, Str bytes, const SbomImport *what, Str why, Ask *out);

/* ---- reading what is stored ---- */

typedef struct SbomInfo {
  Str id, product, release, name, element, file, format, spec, serial, sha256, imported_by, check_json;
  int64_t components, dependencies, imported_us; bool current;
} SbomInfo;
typedef VEC(SbomInfo) SbomList;
/* Newest first; STR_NONE: any.  check_json is only in supply_sbom(). */
Err supply_sboms(Cx *cx, Store *s, Str product, Str release, bool current_only, SbomList *out);
Err supply_sbom(Cx *cx, Store *s, Str id, SbomInfo *out);            /* E_NOTFOUND */
Err supply_sbom_bytes(Cx *cx, Store *s, Str id, Str *bytes);         /* the file as it came */

/* One distinct package version; verdicts of vulnerabilities attach to `id`. */
typedef struct Package {
  int64_t id;
  Str identity;          /* versionless: "pkg:npm/%40scope/name", else "group/name" */
  Str purl, cpe, other_ids, type, group, name, version, distro, upstream;
} Package;
typedef VEC(Package) Packages;
/* Ascending by id, beginning after `after`. */
Err supply_packages(Cx *cx, Store *s, int64_t after, size_t limit, Packages *out);
/* The packages of one SBOM, ascending by id, each once. */
Err supply_sbom_packages(Cx *cx, Store *s, Str sbom, int64_t after, size_t limit, Packages *out);
Err supply_package(Cx *cx, Store *s, int64_t id, Package *out);      /* E_NOTFOUND */

/* Where a package is: one row per component of the SBOMs (of current ones only, when asked). */
typedef struct PackageUse { Str sbom, product, release, element; int64_t component; bool current; } PackageUse;
typedef VEC(PackageUse) PackageUses;
Err supply_package_uses(Cx *cx, Store *s, int64_t package, bool current_only, PackageUses *out);

/* A component with the answers of component.set over what the file says. */
typedef struct ComponentRow {
  int64_t component;     /* its number in the SBOM */
  Package package;
  Str ref, supplier, licence, hashes, scope, support_level, support_end, element;
  int64_t parent;        /* -1: none */
  bool subject;
  Str next;              /* cursor: give it as `after` for the page behind this row */
} ComponentRow;
typedef VEC(ComponentRow) ComponentRows;

typedef struct ComponentFilter {
  Str text;              /* part of name, group or purl; any letter case */
  bool no_supplier, no_version, no_id, no_purl, no_licence, no_hash, no_support_level, no_support_end, no_element;
  bool support_passed;   /* support_end before `today` */
  int32_t today;         /* days since 1970-01-01 */
} ComponentFilter;
/* By name, then number.  after: STR_NONE for the first page, else `next` of the last row. */
Err supply_components(Cx *cx, Store *s, Str sbom, const ComponentFilter *f, Str after, size_t limit,
                      ComponentRows *out);
Err supply_component(Cx *cx, Store *s, Str sbom, int64_t component, ComponentRow *out);       /* E_NOTFOUND */

/* For rules: counts over the listed components of one SBOM, or of all current ones of a product (and release). */
typedef struct ComponentCounts {
  int64_t total, no_supplier, no_version, no_id, no_licence, no_hash, no_support_level, no_support_end,
      support_passed, no_element;
} ComponentCounts;
Err supply_counts(Cx *cx, Store *s, Str sbom, int32_t today, ComponentCounts *out);
Err supply_product_counts(Cx *cx, Store *s, Str product, Str release, int32_t today, ComponentCounts *out);

/* How a component got in: chains from a component that nothing depends on, shortest first, at most `most` (20 is
 * usual). */
typedef struct ComponentStep { int64_t component; Str name, version; } ComponentStep;
typedef VEC(ComponentStep) ComponentPath;
typedef VEC(ComponentPath) ComponentPaths;
Err supply_paths(Cx *cx, Store *s, Str sbom, int64_t component, size_t most, ComponentPaths *out);

/* ---- writing ---- */

/* A stored SBOM as CycloneDX 1.4 to 1.7 or SPDX 2.3, JSON: what its file says, with our answers (supplier, licence,
 * support) over it.  The same store gives the same bytes.  E_NOTFOUND, E_USAGE (format or version), E_TOO_LARGE,
 * E_INTEGRITY. */
Err supply_write(Cx *cx, Store *s, Str sbom, SbomFormat format, Str spec, Buf *out);
Err supply_write_sbom(Cx *cx, const Sbom *s, SbomFormat format, Str spec,
                      Buf *out); /* the same of one that was read */
/* A stored SBOM read again (in the jail), with the answers over it. */
Err supply_load(Cx *cx, Store *s, Str sbom, Sbom *out);
/* The table that FDA asks for beside the SBOM (2026 V.A.4 (b)): one row per component by name: component, version,
 * supplier, level and end of support, licence, package URL. */
Err supply_table(Cx *cx, Store *s, Str sbom, Sheet *out);

/* What changed from one SBOM to another, by identity; sorted by identity.  A component in both whose version, licence
 * or supplier differs is one row per field; licence and supplier are compared as answered.  Formats may differ. */
typedef enum DiffKind { DIFF_ADDED, DIFF_REMOVED, DIFF_VERSION, DIFF_LICENCE, DIFF_SUPPLIER, DIFF_KINDS } DiffKind;
typedef struct DiffRow { DiffKind kind; Str identity, name, before, after; } DiffRow;
typedef VEC(DiffRow) SbomDiff;
const char *diff_kind_name(DiffKind k);                /* "added" "removed" "version" "licence" "supplier" */
Err supply_diff(Cx *cx, Store *s, Str old_sbom, Str new_sbom, SbomDiff *out);
