/* inside.h - what the files of supply/ share. */
#pragma once
#include "supply/supply.h"

/* ---- recognising ---- */

#define ACCEPTED                                                                                                     \
  "CycloneDX 1.0 to 1.7 (JSON, XML), SPDX 2.2 and 2.3 (JSON, tag-value, YAML), SPDX 3.0 (JSON-LD), archives of "      \
  "SPDX 2 documents and tables of components (CSV, XLSX)"

typedef struct Seen {
  SbomFormat format;           /* SBOM_UNKNOWN when it cannot be used */
  const char *encoding;        /* json xml tag-value yaml, "" when none of these */
  const char *what;            /* in words, for the refusal: "a PDF file"; NULL: there are none */
  bool known;                  /* worth opening: an encoding that is read here */
  const char *todo;            /* how it becomes one that is read; NULL: nothing is known */
} Seen;
/* By the first bytes alone; JSON is told apart further by seen_json(). */
Seen seen_bytes(Str bytes);
/* What a JSON document is.  A known SBOM has format set and *spec its version as written. */
Seen seen_json(JVal *root, Str *spec);
Str without_mark(Str bytes);   /* without a leading UTF-8 byte order mark */
/* Where the byte `upto` lies: "/components/812", and whether anything is still open there. */
Str json_place(Arena *a, Str bytes, size_t upto, bool *open);

/* ---- encodings: each becomes JSON ---- */

typedef struct Opened {
  JVal *root;
  const struct XmlNode *xml;             /* what it was before it became JSON; NULL: another encoding */
  Str encoding;                          /* its name */
} Opened;
/* Opens a file of any encoding.  E_FORMAT, E_UNREADABLE, E_TOO_LARGE. */
Err sbom_open(Cx *cx, Str bytes, const SbomOptions *opt, Opened *out);
Err tag_value_to_json(Cx *cx, Str text, Buf *json);      /* SPDX 2 tag-value */
Err yaml_to_json(Cx *cx, Str text, Buf *json);
Err archive_to_json(Cx *cx, Str bytes, Buf *json);       /* SPDX 2 documents that refer to each other */
Err table_to_json(Cx *cx, Str bytes, const SbomOptions *opt, Buf *json);   /* CSV, XLSX */
bool table_looks(Str bytes);

/* ---- one reading ---- */

/* A dependency as the file states it, and where. */
typedef struct Stated { Str from, to; uint32_t at; } Stated;
typedef struct Reading {
  Cx *cx;
  const SbomOptions *opt;
  Sbom *s;
  const struct XmlNode *xml;             /* of an XML file: the tree, which the judge reads */
  const char *list_place;                /* "/components/": where the list of components is */
  Map refs;                              /* ref -> component index, or OTHER_REF */
  VEC(uint32_t) at;                      /* of each component: its place in its JSON array */
  VEC(Stated) stated;
  VEC(SbomProblem) found[2];             /* warnings, errors */
  Map licences;                          /* id -> index in s->licence */
  Buf list;
} Reading;
#define OTHER_REF ((size_t)UINT32_MAX)   /* a service, file or the like: may be referred to, is no component */

void reading_warn(Reading *r, Str where, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void reading_error(Reading *r, Str where, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* tail: "/purl", appended to the component's own pointer */
void component_warn(Reading *r, uint32_t c, const char *tail, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
Str component_place(const Reading *r, uint32_t c, const char *tail);
/* A text member; absent, null and "" give STR_NONE; another type or a NUL gives it with a warning. */
Str member_text(Reading *r, JVal *o, const char *key, Str where);
Str component_text(Reading *r, uint32_t c, JVal *o, const char *key);
/* Adds an empty component.  E_TOO_LARGE. */
Err component_add(Reading *r, uint32_t at, uint32_t parent, uint32_t role, uint32_t *out);
/* Makes ref known; says so when it stood before. */
void ref_add(Reading *r, Str ref, size_t value, Str where);
Err edge_state(Reading *r, Str from, Str to, uint32_t at);   /* E_TOO_LARGE */
/* The words of a licence; the first that are given of an id count. */
void licence_add(Reading *r, Str id, Str name, Str text);
/* A member that must be an array when it is there; NULL (with an error) otherwise. */
JVal *member_array(Reading *r, JVal *o, const char *key, Str where);
/* Joins texts in r->list: linear, whatever the file repeats.  list_done() gives the whole and empties it. */
void list_add(Reading *r, Str word, const char *between);
Str list_done(Reading *r);

/* Reads whatever can be read: errors stand in out->problems.  sbom_usable() makes the first of them our failure. */
Err sbom_parse(Cx *cx, Str bytes, const SbomOptions *opt, Sbom *out);
Err sbom_usable(Cx *cx, const Sbom *s, bool accept_errors);              /* E_INVALID */
Err sbom_read(Cx *cx, Str bytes, const SbomOptions *opt, Sbom *out);     /* sbom_parse in the jail */

Err cyclonedx_read(Reading *r, JVal *root);
Err spdx_read(Reading *r, JVal *root);                   /* 2.2 and 2.3 */
Err spdx3_read(Reading *r, JVal *root);                  /* 3.0: JSON-LD */
/* Every departure from the specification becomes an error, with its place. */
void cyclonedx_judge(Reading *r, JVal *root);
void spdx_judge(Reading *r, JVal *root);
bool cyclonedx_type_known(Str type, unsigned version);   /* of component */
bool cyclonedx_phase_known(Str phase);
bool cyclonedx_serial_known(Str serial);                 /* urn:uuid: and a UUID */
bool spdx_purpose_known(Str purpose);
#define SUPPORT_LEVEL_WORDS "Level of support: "         /* how an annotation of SPDX begins that says it */
#define SOURCE_WORDS "built package from: "              /* how its sourceInfo names a source package and its version */
#define SUPPORT_END_WORDS "End of support: "             /* the same, of an end that is no date */
#define GROUP_WORDS "Group: "                            /* the same, of the group of a package */
#define LICENCE_TEXT "proofline:licenceText:"            /* how a property of CycloneDX begins: a LicenseRef- follows */
#define LICENCE_NAME "proofline:licenceName:"
bool is_licence_id(Str s);                               /* of the SPDX list */
/* Why this is no hash of CycloneDX 1.`version` (or of SPDX: HASH_SPDX); STR_NONE when it is one. */
enum { HASH_SPDX = 1000 };
Str hash_fault(Arena *a, Str alg, Str content, unsigned version);
Str hash_name(Str spdx);                                 /* "SHA256" -> "SHA-256" */
Str hash_spdx3_name(Str alg);                            /* "sha3_256" -> "SHA3-256" */
Str hash_spdx_name(Str name);                            /* and back; STR_NONE when SPDX has none */
bool hash_in_cyclonedx(Str name, unsigned version);

/* After a reader: looks at every component, resolves dependencies, finds cycles, sorts. */
void graph_resolve(Reading *r, const char *edge_place);
void components_look(Reading *r);

/* ---- identifiers, lightly: vuln/ holds the exact grammar ---- */

typedef struct PurlParts { Str type, path, version, qualifiers; } PurlParts;   /* path: namespace/name */
bool purl_parts(Str purl, PurlParts *out);
Str parts_qualifier(Cx *cx, const PurlParts *p, Str name);                /* decoded; STR_NONE when absent */
bool cpe_looks_right(Str cpe);
Str package_identity(Cx *cx, Str purl, Str group, Str name);

/* ---- rows: the form between jail, command line and writer ---- */

void rows_write(const Sbom *s, Buf *out);
void rows_fit(Reading *r);                   /* leaves out, with a warning, the texts that rows cannot carry */
/* Checks every length, index and text.  E_UNREADABLE.  Text borrows from rows. */
Err rows_read(Cx *cx, Str rows, const SbomOptions *opt, Sbom *out);

/* ---- stored ---- */

enum { SCHEMA_STEPS = 2 };
extern const Fact supply_facts[2];
#define FACT_SBOM (&supply_facts[0])
#define FACT_COMPONENT (&supply_facts[1])
/* Sixteen bytes.  fields: purl cpe swid other_ids type group name version distro upstream. */
Str package_key(Cx *cx, const Str fields[10]);
Err import_run(Cx *cx, Call *call);
Err refuse_run(Cx *cx, Call *call);
Err answer_run(Cx *cx, Call *call);
Entry call_entry(const Call *call, Str act);
/* An id of a product, release or element: short, without blanks or control characters. */
Err id_check(Cx *cx, Str value, const char *field, bool required);
