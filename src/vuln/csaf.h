/* csaf.h - products of a CSAF document, for feed_csaf.c and feed_csaf_tree.c. */
#pragma once
#include "vuln/feed.h"

/* Text borrows from the document. */
typedef struct CsafProduct {
  Str id, vendor, name, version, range; /* version: one; range: of many, as written */
  Str cpe;
  JVal *purls;  /* one string or a list */
  Str platform; /* id of the product that it is installed on, or with */
} CsafProduct;
typedef struct CsafTree {
  VEC(CsafProduct) product;
  Map by_id;
  JVal *groups;
} CsafTree;
void csaf_tree(Cx *cx, Feed *f, Str file, JVal *document, CsafTree *out);
const CsafProduct *csaf_product(const CsafTree *t, Str id); /* NULL */

/* A range as written, in vers: or in words, as statements.  false: a human has to read it. */
bool csaf_range(Cx *cx, Feed *f, Str text, SpanList *out);
