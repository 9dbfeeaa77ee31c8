/* vex.h - what somebody states about vulnerabilities in products: OpenVEX, CycloneDX and CSAF, in and out.
 *
 * Part of vuln's door.  Statuses and justifications are those of OpenVEX (CISA minimum); what CycloneDX says finer is
 * kept beside them.  Documents are read in format's jail. */
#pragma once
#include "format/format.h"

/* range: the versions that are meant, as vers; else the one version that is; empty: all that fit. */
typedef struct VexProduct { Str id, purl, cpe, name, version, range; } VexProduct;
typedef VEC(VexProduct) VexProducts;

typedef struct VexStatement {
  Str vuln, aliases;             /* aliases: ids with blanks between them */
  Str status;                    /* not_affected affected fixed under_investigation */
  Str justification;             /* of the five, or empty */
  Str cyclonedx, response;       /* of CycloneDX; response: words with blanks between them */
  Str impact, action, time;
  VexProducts whole;             /* whose product it is about; may be empty */
  VexProducts part;              /* the component inside; when empty the whole is the component */
} VexStatement;

typedef struct VexDoc {
  Str format, spec, id, author, role, time, version;
  VEC(VexStatement) statement;
  VEC(Str) problem;              /* statements that were left out, and why; at most 100 kept */
  uint32_t left_out;
} VexDoc;

enum { VEX_MAX_STATEMENTS = 200000, VEX_MAX_BYTES = 64 << 20 };
/* E_FORMAT: none of the three.  E_UNREADABLE, E_TOO_LARGE.
 * A statement that says nothing usable is left out and counted. */
Err vex_read(Cx *cx, Str bytes, VexDoc *out);
/* The same without the jail: for the fuzzer and the tests. */
Err vex_parse(Cx *cx, Str bytes, VexDoc *out);

/* Whether a version is among those that the product's range means; a range that cannot be read means none. */
bool vex_product_is(Cx *cx, const VexProduct *p, Str version);

/* ---- out ---- */

typedef enum VexFormat { VEX_OPENVEX, VEX_CYCLONEDX, VEX_VDR, VEX_CSAF, VEX_FORMATS } VexFormat;
bool vex_format_find(Str name, VexFormat *out);  /* openvex cyclonedx cyclonedx-vdr csaf */

/* One statement to be written; part: the component by its package URL, ref: its reference in the SBOM. */
typedef struct VexLine {
  Str vuln, aliases, description, status, justification, cyclonedx, response, impact, action, vector, severity;
  int cvss_x10;                  /* -1: unscored */
  Str purl, name, version, ref;
  Str first, last;               /* times */
} VexLine;
typedef VEC(VexLine) VexLines;
typedef struct VexOut {
  Str id;                        /* of the document; a URL or URN */
  Str author, publisher_url, publisher_category;   /* of CSAF: a namespace that the author owns; "vendor" ... */
  Str product, product_name, product_version;      /* product: a package URL of the whole */
  Str sbom_serial;               /* "urn:uuid:..." of the CycloneDX SBOM that VEX_CYCLONEDX links to; empty: its own */
  const VexLine *line; size_t n;
} VexOut;
/* Every distinct time of a line is one version of the document, the newest its date: the same statements give the same
 * bytes.  Lines stand sorted by vulnerability.  E_NOTFOUND: no line.  E_INVALID: who publishes it is not told. */
Err vex_write(Cx *cx, const VexOut *v, VexFormat format, Buf *out);
