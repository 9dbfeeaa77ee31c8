/* vers_native.h - ranges as package managers write them, as vers. */
#pragma once
#include "vuln/inside.h"

enum { VERS_SET_MOST = 500, VERS_NATIVE_MAX_BYTES = 4096 };
/* STR_NONE: no bound.  alone: of Python, a lower bound that leaves out its version, but not the post-releases of it. */
typedef struct VersBound { Str version; bool open, alone; } VersBound;
typedef struct VersInterval { VersBound lo, hi; } VersInterval;
typedef VEC(VersInterval) VersSet;                                   /* ascending, apart from each other */

/* What is in both; out may be a or b.  E_INVALID: more than VERS_SET_MOST parts. */
Err vers_set_meet(Cx *cx, Scheme s, const VersSet *a, const VersSet *b, VersSet *out);
/* Of any intervals the set: in order, and joined where they meet.  E_INVALID as above. */
Err vers_set_tidy(Cx *cx, Scheme s, VersSet *set);
/* Nothing at all is the range of "none". */
Str vers_set_write(Cx *cx, Scheme s, const VersSet *set);

/* The range of a scheme's package manager ("^1.2 || 3.x", "[1.0, 2.0)", "~> 2.2") as a set, and as canonical vers text.
 * What the manager decides beside the text (whether pre-releases are offered) is not in it.  E_INVALID says what is
 * wrong. */
Err vers_native_set(Cx *cx, Scheme s, Str native, VersSet *out);
Err vers_from_native(Cx *cx, Scheme s, Str native, Str *out);
