/* decide.h - what the files of finding.decide share. */
#pragma once
#include "app/triage.h"

enum { PACKAGES_MAX = 20 };

typedef struct Case {
  Record r;
  JVal *input; /* the row of the argument `findings`: an id, or an object with what was proposed */
  Str vuln, product;
  size_t npackages;
  Str package[PACKAGES_MAX], version[PACKAGES_MAX];
} Case;

typedef struct Group { /* one statement */
  Str vuln, product, package;
  VEC(Str) about, in, on, versions;
} Group;

typedef struct Decide {
  Call *call;
  Str status, scope;
  VEC(Case) cases;
  VEC(Group) groups;
} Decide;

typedef VEC(Str) Texts;
void texts_add(Cx *cx, void *list, Str s);                             /* once, and not when it is empty */
void texts_links(Cx *cx, void *list, const Record *r, const char *field);
void texts_put(JsonOut *o, const char *key, const void *list);

/* Another command inside of this one. */
Err decide_sub(Cx *cx, Call *call, const char *name, Str args, JVal **result);
/* The statement of one group: made, or the one that speaks of these findings alone revised. */
Err decide_state(Cx *cx, Decide *d, const Group *g, Str *id);
