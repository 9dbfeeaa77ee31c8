/* rules_cyclonedx.c - CycloneDX 1.0 to 1.7: what cyclonedx.shape, the table of ECMA-424 and its predecessors, leaves
 * open. */
#include "supply/shape.h"

ShapeRule cyclonedx_hash_rule, cyclonedx_fingerprint_rule, cyclonedx_licences_rule, cyclonedx_component_rule,
    cyclonedx_citation_rule, cyclonedx_contact_rule, cyclonedx_signatory_rule, cyclonedx_public_key_rule;

void cyclonedx_hash_rule(Judge *j, Value o, const Path *at) {
  Str alg = part_text(o, "alg"), content = o.xml ? str_trim(o.xml->text) : part_text(o, "content");
  Str why = hash_fault(j->r->cx->arena, alg, content, j->version);
  if (alg.p && why.n) judge_error(j, at, NULL, "%.*s", STR(why));
}

/* Of what the schema does not say: the length may be that of any algorithm. */
void cyclonedx_fingerprint_rule(Judge *j, Value o, const Path *at) {
  Str alg = part_text(o, "alg");
  if (alg.p && !hash_in_cyclonedx(alg, j->version))
    judge_error(j, at, "alg", "\"%.*s\" is not a hash algorithm of this version", STR(str_head(alg, 40)));
}

/* Up to 1.6 a list holds licences, or one expression and nothing else; the JSON schema says so since 1.5 only. */
void cyclonedx_licences_rule(Judge *j, Value o, const Path *at) {
  JVal *list = json_get(o.json, "licenses");
  size_t expressions = 0;
  bool free = j->version >= 7 || j->version < 5;
  if (free || yyjson_arr_size(list) < 2) return;
  JSON_EACH(v, list) expressions += json_get(v, "expression") != NULL;
  if (expressions)
    judge_error(j, at, "licenses", "an expression stands beside other licences, which CycloneDX allows from 1.7 on");
}

void cyclonedx_component_rule(Judge *j, Value o, const Path *at) {
  bool external = o.xml ? str_eq(part_text(o, "isExternal"), S("true")) || str_eq(part_text(o, "isExternal"), S("1"))
                        : json_bool(o.json, "isExternal", false);
  cyclonedx_licences_rule(j, o, at);
  if (!part_has(o, "versionRange")) return;
  if (o.json && part_has(o, "version"))
    judge_error(j, at, "versionRange", "a component has a version or a range, not both");
  if (!external)
    judge_error(j, at, "versionRange", "a version range stands at a component that is not external");
}

void cyclonedx_citation_rule(Judge *j, Value o, const Path *at) {
  if (!part_has(o, "attributedTo") && !part_has(o, "process") && o.json)
    judge_error(j, at, NULL, "a citation must have \"attributedTo\" or \"process\"");
}

/* The schema names the format of a mail address without demanding it: no reason to refuse the whole. */
void cyclonedx_contact_rule(Judge *j, Value o, const Path *at) {
  Str mail = json_text(o.json, "email"), name, host;
  bool good = str_cut(mail, '@', &name, &host) && name.n && host.n && str_find_char(mail, ' ') == SIZE_MAX;
  if (mail.n && !good && !j->untyped)
    judge_warn(j, at, "email", str_fmt(j->r->cx->arena, "\"%.*s\" is not a mail address", STR(str_head(mail, 60))));
}

void cyclonedx_signatory_rule(Judge *j, Value o, const Path *at) {
  bool elsewhere = part_has(o, "externalReference") && part_has(o, "organization");
  if (o.json && part_has(o, "signature") == elsewhere)
    judge_error(j, at, NULL, "a signatory has either \"signature\", or \"externalReference\" and \"organization\"");
}

/* JSON Web Key: which numbers a key of its type consists of. */
void cyclonedx_public_key_rule(Judge *j, Value o, const Path *at) {
  static const struct { const char *type, *number[3]; } keys[] = {
    { "EC", { "crv", "x", "y" } }, { "OKP", { "crv", "x", NULL } }, { "RSA", { "n", "e", NULL } }
  };
  Str type = part_text(o, "kty");
  for (size_t i = 0; i < COUNT(keys); i++)
    for (size_t k = 0; k < COUNT(keys[i].number) && str_eq(type, str_of(keys[i].type)); k++)
      if (keys[i].number[k] && !part_has(o, keys[i].number[k]))
        judge_error(j, at, NULL, "a public key must have \"%s\"", keys[i].number[k]);
}

bool cyclonedx_type_known(Str type, unsigned version) {
  return word_known(words_of(&cyclonedx_shape, "a type of component"), type, version);
}
bool cyclonedx_phase_known(Str phase) {
  return word_known(words_of(&cyclonedx_shape, "a phase of the life cycle"), phase, 7);
}

void cyclonedx_judge(Reading *r, JVal *root) {
  int64_t minor = 0;
  (void)str_int(str_slice(r->s->spec, 2, r->s->spec.n), &minor);
  bool table = str_eq(r->s->encoding, S("csv"));
  /* The JSON schemas of 1.2 and 1.3 know a strict form and one that takes any member: there it is a warning. */
  Judge j = { .r = r, .t = &cyclonedx_shape, .version = (unsigned)minor, .untyped = table, .own_names = table,
              .names_warn = minor < 4 && !r->xml };
  shape_judge(&j, r->xml ? (Value){ NULL, r->xml } : (Value){ root, NULL });
}
