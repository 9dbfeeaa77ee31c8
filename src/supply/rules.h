/* rules.h - between rules_cyclonedx.c and rules_spdx.c, the tables of what the specifications demand, and rules.c,
 * which applies them to a document. */
#pragma once
#include "supply/inside.h"

typedef struct Word { const char *word; unsigned from; } Word;     /* from: the first version, 5 is 1.5; 0: all */
typedef struct Words { const char *what; const Word *word; size_t n; } Words;

typedef enum Want {
  WANT_TEXT, WANT_WORD, WANT_DATE, WANT_URN, WANT_WHOLE, WANT_LIST, WANT_OBJECT, WANT_LICENCE, WANT_TEXTS, WANT_REF,
  WANT_FLAG, WANT_SHARE, WANT_SOME
} Want;   /* SHARE: 0 to 1; SOME: an object or a list of them */

typedef struct Path { const struct Path *up; const char *key; uint32_t index; } Path;   /* key NULL: an index */
/* loose: an encoding without types; table: not even the names of members are its own */
typedef struct Judge { Reading *r; unsigned version; bool loose, table; } Judge;
typedef struct Shape Shape;
typedef struct Member {
  const char *name;
  Want want;
  bool must;
  const Shape *shape;            /* of the object, or of the list's items */
  const Words *words;
  unsigned until;                /* demanded up to this version only; 0: in all */
} Member;
struct Shape {
  const char *what;              /* "a component" */
  const Member *member;
  size_t n;
  void (*more)(Judge *j, JVal *o, const Path *at);   /* what no table says; NULL: nothing */
  const Words *names;            /* the members that there are; NULL: any */
};

/* rules_names.c */
extern const Words document_names, metadata_names, component_names, service_names, organization_names,
    contact_names, hash_names, licence_names, choice_names, reference_names, property_names, tool_names,
    toolbox_names, lifecycle_names, swid_names, commit_names, action_names, patch_names, diff_names,
    issue_names, source_names, attachment_names, dependency_names, composition_names, vulnerability_names,
    analysis_names, target_names, rating_names, advisory_names, notes_names, flow_names, evidence_names,
    copyright_names, identity_names, annotation_names, formula_names, data_set_names, crypto_names,
    card_names, citation_names;

bool word_known(const Words *w, Str s, unsigned version);

/* Says what is wrong with one document or a part of it. */
void shape_judge(Judge *j, const Shape *shape, JVal *o, const Path *at);
void judge_error(Judge *j, const Path *at, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void judge_warn(Judge *j, const Path *at, const char *key, Str words);
