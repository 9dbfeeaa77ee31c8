/* vex_write_openvex.c - statements as OpenVEX 0.2.0. */
#include "vuln/vex_write.h"

static void openvex_statement(Cx *cx, JsonOut *o, const VexOut *v, size_t from, size_t to) {
  const VexLine *l = &v->line[from];
  json_object(o);
  json_key(o, "vulnerability");
  json_object(o);
  json_pair(o, "name", l->vuln);
  vex_pair(o, "description", l->description);
  if (l->aliases.n) {
    json_key(o, "aliases");
    json_array(o);
    vex_words(o, l->aliases, false);
    json_array_end(o);
  }
  json_object_end(o);
  json_pair(o, "timestamp", l->first.n ? l->first : l->last);
  vex_pair(o, "last_updated", l->last);
  json_key(o, "products");
  json_array(o);
  json_object(o);
  json_pair(o, "@id", v->product);
  json_key(o, "subcomponents");
  json_array(o);
  for (size_t i = from; i < to; i++) {
    json_object(o);
    json_pair(o, "@id", vex_part(cx, &v->line[i]));
    if (v->line[i].purl.n) {
      json_key(o, "identifiers");
      json_object(o);
      json_pair(o, "purl", v->line[i].purl);
      json_object_end(o);
    }
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
  json_array_end(o);
  json_pair(o, "status", l->status);
  if (vex_is(l->status, "not_affected")) {
    vex_pair(o, "justification", l->justification);
    if (l->impact.n || !l->justification.n)
      json_pair(o, "impact_statement", l->impact.n ? l->impact : S("Not affected."));
  }
  if (vex_is(l->status, "affected")) json_pair(o, "action_statement", vex_action(l));
  if (!vex_is(l->status, "not_affected") && !vex_is(l->status, "affected")) vex_pair(o, "status_notes", l->impact);
  json_object_end(o);
}

void vex_write_openvex(Cx *cx, JsonOut *o, const VexOut *v, const VexTimes *t) {
  json_object(o);
  json_pair(o, "@context", S("https://openvex.dev/ns/v0.2.0"));
  json_pair(o, "@id", v->id);
  json_pair(o, "author", v->author);
  json_pair(o, "role", S("Manufacturer"));
  json_pair(o, "timestamp", t->p[0]);
  json_pair(o, "last_updated", t->p[t->n - 1]);
  json_pair_int(o, "version", (int64_t)t->n);
  json_pair(o, "tooling", S("Proofline"));
  json_key(o, "statements");
  json_array(o);
  for (size_t i = 0; i < v->n;) {
    size_t to = vex_run(v, i);
    openvex_statement(cx, o, v, i, to);
    i = to;
  }
  json_array_end(o);
  json_object_end(o);
}
