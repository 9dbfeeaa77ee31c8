/* csaf_check.h - the tests of CSAF 2.0 and 2.1 over one document: mandatory (6.1), recommended (6.2), informative
 * (6.3).
 *
 * Part of vuln's door.  Says in which document what fails which test; a document without faults may be published.
 * What fails a test of 6.2 or 6.3 is advice. */
#pragma once
#include "format/format.h"

typedef struct CsafFault { Str test, where, what; } CsafFault; /* "6.1.14", JSON pointer; "schema": a field */
typedef struct CsafReport {
  Str id, version;               /* of the document; version: of CSAF */
  VEC(CsafFault) fault, advice;  /* at most 200 kept of each; advice: 6.2 and 6.3 */
  uint32_t faults, advices;
} CsafReport;
/* Read in the jail.  E_FORMAT: no CSAF 2 document.  E_UNREADABLE, E_TOO_LARGE. */
Err csaf_check(Cx *cx, Str bytes, CsafReport *out);
/* The same without the jail: for the fuzzer and the tests. */
Err csaf_check_parse(Cx *cx, Str bytes, CsafReport *out);
/* The tests of a version that are not made, each with its reason: what no fault says nothing about. */
Str csaf_unchecked(Str version);
