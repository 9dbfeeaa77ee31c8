/* rules_spdx.c - SPDX 2.2 and 2.3: what spdx.shape leaves open. */
#include "supply/shape.h"

ShapeRule spdx_document_rule, spdx_id_rule, spdx_checksum_rule;

/* The schema takes any text as the value: a wrong length is a finding, no reason to refuse the whole. */
void spdx_checksum_rule(Judge *j, Value o, const Path *at) {
  Str alg = part_text(o, "algorithm"), value = part_text(o, "checksumValue");
  Str why = hash_fault(j->r->cx->arena, alg, value, HASH_SPDX);
  bool known = hash_spdx_name(hash_name(alg)).p != NULL;
  if (known && why.n) judge_warn(j, at, NULL, why);
  else if (alg.n && why.n) judge_error(j, at, NULL, "%.*s", STR(why));
}

/* 3.2: letters, digits, '.' and '-' behind SPDXRef-. */
void spdx_id_rule(Judge *j, Value o, const Path *at) {
  Str id = part_text(o, "SPDXID");
  size_t space = str_rfind_char(id, '#');          /* several documents: with the name space of each */
  if (space != SIZE_MAX) id = str_slice(id, space + 1, id.n);
  if (id.n && !str_starts(id, S("SPDXRef-")))
    judge_error(j, at, "SPDXID", "\"%.*s\" does not begin with SPDXRef-", STR(str_head(id, 60)));
}

void spdx_document_rule(Judge *j, Value o, const Path *at) {
  Str licence = part_text(o, "dataLicense");
  spdx_id_rule(j, o, at);
  if (licence.n && !str_eq(licence, S("CC0-1.0")))
    judge_error(j, at, "dataLicense", "the licence of the document itself is CC0-1.0 in SPDX");
}

bool spdx_purpose_known(Str purpose) {
  return word_known(words_of(&spdx_shape, "a purpose of a package"), purpose, 3);
}

void spdx_judge(Reading *r, JVal *root) {
  int64_t minor = 0;
  (void)str_int(str_slice(r->s->spec, 2, r->s->spec.n), &minor);
  bool untyped = !str_eq(r->s->encoding, S("json"));
  Judge j = { .r = r, .t = &spdx_shape, .version = (unsigned)minor, .untyped = untyped, .own_names = untyped,
              .names_warn = minor < 3 };
  shape_judge(&j, (Value){ root, NULL });
}
