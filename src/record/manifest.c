/* What a person signs: a manifest, canonical JSON, of one revision, what it rests on, who signs and what is meant.
 * The page shows it, the writer makes it again, and both must come to the same bytes. */
#include "inside.h"

enum { MANIFEST_BYTES = 4 << 20 };

/* 21 CFR 11.50(a)(3): the kind of meaning; the step's own words stand beside it. */
const char *kind_of(const Lifecycle *l, const Step *step) {
  static const char *const kinds[][2] = {
    { "report.submit", "responsible" }, { "report.resubmit", "responsible" },
    { "contain", "responsible" }, { "find_cause", "responsible" }, { "implement", "responsible" },
    { "check_effect", "responsible" }, { "fail_effect", "verified" },
    { "review", "reviewed" },   { "accept", "accepted" }, { "release", "released" },
    { "capa.close", "verified" }, { "sign", "responsible" }, { "decide_not_reportable", "decided" },
    { "item.approve", "reviewed, approved" },
  };
  for (size_t i = 0; i < COUNT(kinds); i++) {
    Str name = str_of(kinds[i][0]), life = S("");
    size_t dot = str_find_char(name, '.');
    if (dot != SIZE_MAX) life = str_slice(name, 0, dot), name = str_slice(name, dot + 1, name.n);
    if (str_eq(name, str_of(step->name)) && (!life.n || str_eq(life, str_of(l->name)))) return kinds[i][1];
  }
  return "approved";
}

/* The roles of the signer that permit this step on this record. */
static void put_roles(JsonOut *o, const Standing *standing) {
  json_key(o, "roles");
  json_array(o);
  for (size_t i = 0; i < ROLE_COUNT; i++)
    if (standing->roles & (1u << i)) json_put_str(o, str_of(people_roles[i].word));
  json_array_end(o);
}

/* The duties by which they do, held or for somebody else; each is a row that the log knows. */
static void put_duties(JsonOut *o, const Standing *standing) {
  json_key(o, "duties");
  json_array(o);
  for (size_t i = 0; i < standing->duties.n; i++) {
    const Duty *d = &standing->duties.p[i];
    json_object(o);
    json_pair(o, "as", d->kind);
    json_pair(o, "duty", d->duty);
    json_pair(o, "for", d->deputy_of);
    json_pair(o, "id", d->id);
    json_pair(o, "product", d->product);
    json_object_end(o);
  }
  json_array_end(o);
}

Str duties_words(Cx *cx, Store *s, JVal *duties) {
  Buf b = buf_new(cx->arena, 8192);
  JSON_EACH(d, duties) {
    const DutyRow *row = duty_find(json_text(d, "duty"));
    Str as = json_text(d, "as"), whom = json_text(d, "for");
    buf_fmt(&b, "%s%s", b.n ? "; " : "", row ? row->title : "");
    if (whom.n) buf_fmt(&b, ", %.*s of %.*s", STR(as), STR(people_name(cx, s, whom)));
  }
  return buf_str(&b);
}

/* The body has them too; here they stand so that the signer reads, and keeps, which files were meant. */
static void put_attachments(JsonOut *o, const Record *r) {
  json_key(o, "attachments");
  json_array(o);
  for (size_t i = 0; i < r->files.n; i++) {
    const FileRef *f = &r->files.p[i];
    json_object(o);
    json_pair_int(o, "bytes", f->bytes);
    json_pair(o, "name", f->name);
    json_pair(o, "sha256", f->sha256);
    json_object_end(o);
  }
  json_array_end(o);
}

bool attachments_are(JVal *manifest, const Record *r) {
  size_t n = 0;
  if (json_int(manifest, "policy", 0) < 3) return true; /* manifests of before did not list them */
  JSON_EACH(a, json_get(manifest, "attachments")) {
    const FileRef *f = n < r->files.n ? &r->files.p[n] : NULL;
    if (!f || !str_eq(json_text(a, "name"), f->name) || !str_eq(json_text(a, "sha256"), f->sha256) ||
        json_int(a, "bytes", -1) != f->bytes)
      return false;
    n++;
  }
  return n == r->files.n;
}

static Err put_linked(Cx *cx, Store *s, Str id, JsonOut *o) {
  Head h;
  bool found;
  Revision v;
  TRY(head_find(cx, s, id, &h, &found));
  if (!found || !h.in_force_rev) return E_OK;
  TRY(ledger_revision(cx, s, h.id, h.in_force_rev, &v));
  json_object(o);
  json_pair(o, "hash", hash_hex(cx->arena, v.hash));
  json_pair(o, "id", h.id);
  json_pair_int(o, "rev", h.in_force_rev);
  json_object_end(o);
  return E_OK;
}

/* What the record rests on, as it is in force now; a link that changes meanwhile changes what would be signed. */
static Err put_links(Cx *cx, Store *s, const Record *r, JsonOut *o) {
  json_key(o, "links");
  json_array(o);
  for (size_t i = 0; i < r->type->nfields; i++)
    for (size_t k = 0; k < r->values[i].links.n; k++) TRY(put_linked(cx, s, r->values[i].links.p[k].to, o));
  json_array_end(o);
  return E_OK;
}

static Err put_earlier(Cx *cx, Store *s, const Record *r, JsonOut *o) {
  Signatures all = { 0 };
  TRY(record_signatures(cx, s, r->id, &all));
  json_key(o, "earlier");
  json_array(o);
  for (size_t i = 0; i < all.n; i++) json_put_str(o, all.p[i].hash);
  json_array_end(o);
  return E_OK;
}

static Err manifest_json(Cx *cx, Store *s, const Who *who, const Ceremony *c, const Standing *standing,
                         const SignItem *item, Buf *b) {
  const Record *r = &item->record;
  const Step *step = item->step;
  JsonOut o = json_out(b, false);
  json_object(&o);
  put_attachments(&o, r);
  put_duties(&o, standing);
  TRY(put_earlier(cx, s, r, &o));
  json_pair(&o, "hash", hash_hex(cx->arena, r->hash));
  json_pair(&o, "kind", str_of(item->kind));
  TRY(put_links(cx, s, r, &o));
  json_pair(&o, "meaning", str_of(item->means));
  json_pair(&o, "method", str_of(c->method));
  json_pair(&o, "nonce", c->nonce);
  json_pair_int(&o, "policy", POLICY);
  json_pair(&o, "record", r->id);
  json_pair_int(&o, "rev", r->rev);
  put_roles(&o, standing);
  json_pair(&o, "rule", str_fmt(cx->arena, "%s.%s", r->type->life->name, step->name));
  json_pair(&o, "signer", who->id);
  json_pair(&o, "signer_name", who->name);
  json_pair(&o, "signer_title", who->title.p ? who->title : S(""));
  json_pair(&o, "time", time_text(cx->arena, c->shown_us));
  json_pair(&o, "to", standing->completes ? str_of(step->to) : S(""));
  json_pair(&o, "type", S("proofline.signature/1"));
  json_object_end(&o);
  return E_OK;
}

Err manifest_make(Cx *cx, Store *s, const Who *who, const Ceremony *c, const Standing *standing, SignItem *item) {
  Buf raw = buf_new(cx->arena, MANIFEST_BYTES), canonical = buf_new(cx->arena, MANIFEST_BYTES);
  JVal *root;
  item->means = standing->as ? standing->as->means : item->step->means;
  item->kind = standing->as ? standing->as->kind : kind_of(item->record.type->life, item->step);
  TRY(manifest_json(cx, s, who, c, standing, item, &raw));
  TRY(json_read(cx, buf_str(&raw), &JSON_DOCUMENT, &root));
  TRY(json_canonical(cx, root, &canonical));
  item->manifest = buf_str(&canonical);
  item->hash = sha256(item->manifest);
  item->waits = standing->open.p ? standing->open : S("");
  item->acts = duties_words(cx, s, json_get(root, "duties"));
  return E_OK;
}
