/* said.h - is the same said of a package as last time? */
#pragma once
#include "crypto/crypto.h"
#include "vuln/store_inside.h"

int64_t said_digest(Arena *a, const ScanComponent *c);       /* of all that the verdicts hold */
/* What was said last; known: anything was. */
typedef struct Said { bool known; int64_t digest; } Said;
/* A package and that; only what a judgement needs. */
Err said_package(Cx *cx, Store *s, int64_t id, Package *p, Said *said);
Err said_put(Cx *cx, Store *s, int64_t package, int64_t digest);
/* Packages of the store that SBOMs hold, in the order of their numbers, after one of them; what `p` points
 * to is valid until `each` returns, which must not write. */
typedef Err SaidEach(Cx *cx, void *env, const Package *p, const Said *said);
Err said_each(Cx *cx, Store *s, int64_t after, size_t limit, SaidEach *each, void *env, size_t *n);
