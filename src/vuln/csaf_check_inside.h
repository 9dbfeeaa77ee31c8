/* csaf_check_inside.h - what the files of the CSAF checker share. */
#pragma once
#include "vuln/inside.h"

/* The way to a branch, from below. */
typedef struct CsafStep { JVal *branch; const struct CsafStep *up; } CsafStep;
/* path: NULL for what no branch holds; a product path: whose way it is. */
typedef struct CsafDefined { Str id, where; JVal *full, *way; const CsafStep *path; } CsafDefined;

typedef struct Csaf {
  Cx *cx;
  JVal *root, *document, *tracking, *tree, *vulnerabilities;
  Str category;
  bool new_rules;                /* CSAF 2.1 */
  CsafReport *report;
  Map product_at, group_at;      /* defined ids: the number in product, in group */
  VEC(CsafDefined) product;
  Map used;                      /* ids of products that something refers to */
  bool english, german;          /* the language of its titles; no language is English */
  int64_t newest_us;             /* of the revisions; INT64_MIN: there is none */
  VEC(JVal *) group;             /* product_groups by the number in group_at */
} Csaf;

/* Fails a test: a fault, or of 6.2 and 6.3 advice.  where: a JSON pointer. */
void csaf_fault(Csaf *c, const char *test, Str where, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
Str csaf_at(Csaf *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void csaf_check_tree(Csaf *c);           /* 6.1.1 to 6.1.6, 13, 25, 31, 34, 42 to 44, 50 */
void csaf_check_scores(Csaf *c);         /* 6.1.7 to 6.1.10 */
void csaf_check_document(Csaf *c);       /* 6.1.12, 15, 26, 28 and the fields of the schema */
void csaf_check_history(Csaf *c);        /* 6.1.14, 16 to 22, 30 */
void csaf_check_vulnerabilities(Csaf *c);          /* 6.1.11, 23, 24, 29, 32, 33 */
void csaf_check_profile(Csaf *c);        /* 6.1.27 */
void csaf_check_21(Csaf *c);             /* 6.1.35 to 6.1.41, 6.1.45 to 6.1.56 but 50, 6.1.62; 6.2.27, 33, 41 */
void csaf_check_shape(Csaf *c);          /* 6.2.13, 6.2.20; finds what is used */
void csaf_check_advice(Csaf *c);         /* 6.2 and 6.3 of the document */
void csaf_check_advice_tree(Csaf *c);    /* of its products */
void csaf_check_advice_vulnerabilities(Csaf *c);
void csaf_check_ranges(Csaf *c);         /* 6.1.57 to 59; 6.2.18, 49 to 51; 6.3.10, 19 */
void csaf_check_ssvc(Csaf *c);           /* 6.1.48; 6.2.34 to 37; 6.3.13 to 15 */
void csaf_check_extensions(Csaf *c);     /* 6.1.60; 6.2.39.5, 54; 6.3.21 */
void csaf_check_license(Csaf *c);        /* 6.1.54, 55; 6.2.43 to 46; 6.3.17 */
void csaf_check_corresponding(Csaf *c);  /* 6.1.27.13, 6.2.39.1 */

/* Products that a list of ids and a list of groups name; a group that is not defined names none. */
typedef VEC(Str) CsafIds;
CsafIds csaf_named(Csaf *c, JVal *object);
const CsafDefined *csaf_defined(Csaf *c, Str id);                    /* NULL: not defined */
/* The group of a member of product_status; members of different groups contradict each other (6.1.6). */
typedef enum CsafGroup {
  CSAF_AFFECTED = 1, CSAF_NOT_AFFECTED, CSAF_FIXED, CSAF_UNDER_INVESTIGATION, CSAF_UNKNOWN, CSAF_RECOMMENDED,
  CSAF_GROUPS
} CsafGroup;
CsafGroup csaf_group_of(Str status);     /* 0: no status */
/* The products of a vulnerability in one group. */
CsafIds csaf_in_group(Csaf *c, JVal *vulnerability, CsafGroup group);
/* Whether a CVSS object may have this member; generation: 2, 3, 4. */
bool csaf_is_score_member(unsigned generation, Str name);
/* The file that a document of this id stands in (5.1). */
Str csaf_file_name(Arena *a, Str id);
bool csaf_is_open_source(Csaf *c, Str vendor);                       /* "Open-Source", as no vendor is called */
/* Notes of a title: how many, and how many of them are of the category. */
typedef struct CsafTitled { size_t all, right; } CsafTitled;
CsafTitled csaf_titled(JVal *notes, Str title, Str category);
