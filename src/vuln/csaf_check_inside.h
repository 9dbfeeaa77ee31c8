/* csaf_check_inside.h - what the files of the CSAF checker share. */
#pragma once
#include "vuln/csaf_check.h"

typedef struct Csaf {
  Cx *cx;
  JVal *root, *document, *tracking, *tree, *vulnerabilities;
  Str category;
  bool new_rules;                /* CSAF 2.1 */
  CsafReport *report;
  Map product_at, group_at;      /* defined ids: how often */
  VEC(JVal *) group;             /* product_groups by the number in group_at */
} Csaf;

/* where: printf of a JSON pointer. */
void csaf_fault(Csaf *c, const char *test, Str where, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
Str csaf_at(Csaf *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void csaf_check_tree(Csaf *c);           /* 6.1.1 to 6.1.6, 13, 25, 31, 34, 42 to 44, 50 */
void csaf_check_scores(Csaf *c);         /* 6.1.7 to 6.1.10 */
void csaf_check_document(Csaf *c);       /* 6.1.12, 15, 26, 28 and the fields of the schema */
void csaf_check_history(Csaf *c);        /* 6.1.14, 16 to 22, 30 */
void csaf_check_vulnerabilities(Csaf *c);          /* 6.1.11, 23, 24, 29, 32, 33 */
void csaf_check_profile(Csaf *c);        /* 6.1.27 */
void csaf_check_21(Csaf *c);             /* 6.1.35 to 6.1.41, 6.1.45 to 6.1.56 but 50 */

/* Products that a list of ids and a list of groups name; a group that is not defined names none. */
typedef VEC(Str) CsafIds;
CsafIds csaf_named(Csaf *c, JVal *object);
