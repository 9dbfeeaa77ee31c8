/* vex_read.h - what the readers of VEX share. */
#pragma once
#include "vuln/inside.h"

void vex_left_out(Cx *cx, VexDoc *d, Str where, const char *why);
/* Adds a statement, or counts it as left out when it says nothing usable.  E_TOO_LARGE. */
Err vex_add(Cx *cx, VexDoc *d, const VexStatement *s);
Str vex_justification(Str word);         /* one of the five, or STR_NONE */
Str vex_joined(Cx *cx, Str list, Str word);
Err vex_csaf(Cx *cx, JVal *root, VexDoc *d);
typedef struct Pending { JVal *list; } Pending;                      /* of a walk with a stack of its own */
