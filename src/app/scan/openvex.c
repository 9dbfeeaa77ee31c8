/* openvex.c - a scan as OpenVEX. */
#include "app/scan/inside.h"

/* A scan decides nothing: what no decision here speaks of is under investigation. */
static void statement(Cx *cx, JsonOut *o, const ScanRow *r) {
  const ScanNote *n = r->v->note;
  Str status = n && n->status.n ? n->status : S("under_investigation");
  json_object(o);
  json_key(o, "vulnerability");
  json_object(o);
  json_pair(o, "name", r->v->id);
  json_object_end(o);
  json_key(o, "products");
  json_array(o);
  json_object(o);
  json_pair(o, "@id", scan_part(cx, r));
  json_object_end(o);
  json_array_end(o);
  json_pair(o, "status", status);
  if (str_eq(status, S("not_affected"))) {
    if (n->justification.n) json_pair(o, "justification", n->justification);
    json_pair(o, "impact_statement", n->why);
  }
  if (str_eq(status, S("affected"))) json_pair(o, "action_statement", n->why);
  json_pair(o, "status_notes", scan_message(cx, r));
  json_object_end(o);
}

static bool has_statements(const ScanRows *rows) {
  for (size_t i = 0; i < rows->n; i++)
    if (rows->p[i].v->id.n) return true;
  return false;
}

/* A document states something: its schema asks for one statement at least.  Without any, none is written. */
void scan_openvex(Cx *cx, const ScanOut *s, Buf *out) {
  JsonOut all = json_out(out, true), *o = &all;
  ScanRows rows = scan_rows(cx, s->result);
  if (!has_statements(&rows)) return;
  Str sha = snapshot_sha256(s->snap);
  Str h = hash_hex(cx->arena, sha256(str_fmt(cx->arena, "%.*s|%.*s", STR(s->file), STR(sha))));
  json_object(o);
  json_pair(o, "@context", S("https://openvex.dev/ns/v0.2.0"));
  json_pair(o, "@id",
            str_fmt(cx->arena, "urn:uuid:%.8s-%.4s-5%.3s-8%.3s-%.12s", h.p, h.p + 8, h.p + 13, h.p + 17, h.p + 20));
  json_pair(o, "author", s->author.n ? s->author : S("Proofline scan"));
  json_pair(o, "timestamp", str_fmt(cx->arena, "%.*sZ", STR(scan_second(cx, s->snap))));
  json_pair_int(o, "version", 1);
  json_pair(o, "tooling",
            str_fmt(cx->arena, "Proofline; %lld components could not be assessed; snapshot %.*s: %.*s",
                    (long long)s->result->count[OUTCOME_NOT_ASSESSABLE], STR(sha), STR(scan_sources(cx, s->snap))));
  json_key(o, "statements");
  json_array(o);
  for (size_t i = 0; i < rows.n; i++)
    if (rows.p[i].v->id.n) statement(cx, o, &rows.p[i]);
  json_array_end(o);
  json_object_end(o);
  buf_byte(out, '\n');
}
