/* What must agree with what.  Each stage relies on the ones before it and ends the work when it has findings. */
#include "proof.h"
#include <stdlib.h>

enum { LEAF_MAX = 4096, NAME_ROOM = 160 };

File *use(const Package *p, const Text *part, size_t n) {
  char name[NAME_ROOM];
  Text all = { name, 0 };
  for (size_t i = 0; i < n; all.n += part[i++].n) {
    if (part[i].n > sizeof name - all.n) return NULL;
    memcpy(name + all.n, part[i].p, part[i].n);
  }
  File *f = zip_find(&p->zip, all);
  if (f) f->used = true;
  return f;
}

static File *need(Package *p, Text name) {
  File *f = use(p, &name, 1);
  if (!f) finding("file", name, "is missing");
  return f;
}

static bool need_json(Package *p, Text name, Json *out) {
  File *f = need(p, name);
  bool good = f && json_read(f->bytes, out);
  if (f && !good) finding("file", f->name, "is not canonical JSON");
  return good;
}

static int by_seq(const void *a, const void *b) {
  int64_t x = ((const Entry *)a)->seq, y = ((const Entry *)b)->seq;
  return (x > y) - (x < y);
}

Entry *entry_find(const Package *p, int64_t seq) {
  return p->n ? bsearch(&(Entry){ .seq = seq }, p->entry, p->n, sizeof *p->entry, by_seq) : NULL;
}

/* entries/N.json */
static bool numbered(Text name, int64_t *n) {
  if (name.n <= 13 || !starts(name, T("entries/")) || !same(from(name, name.n - 5), T(".json"))) return false;
  return number((Text){ name.p + 8, name.n - 13 }, n);
}

/* The manifest lists all but itself; the content what existed before the log spoke of the package. */
static bool counts(const Package *p, Text name) {
  int64_t n;
  if (!p->export || same(name, T("manifest.json"))) return !same(name, T("manifest.json"));
  return !same(name, T("content.json")) && !same(name, T("checkpoint")) && !same(name, T("policy.txt")) &&
         !starts(name, T("proofs/")) && (!numbered(name, &n) || n != p->export->seq);
}

/* Both lists are in order: each name stands in both, with the hash of its file. */
static void check_list(const Package *p, const Json *j, const char *kind) {
  const Value *list = &j->at[json_member(j, 0, T("files"))], *end = j->at + list->end, *v = list + 1;
  for (const File *f = p->zip.file; f < p->zip.file + p->zip.n; f++) {
    if (!counts(p, f->name)) continue;
    for (; v < end && order(v->key, f->name) < 0; v = j->at + v->end) finding(kind, v->key, "is listed but not there");
    bool listed = v < end && same(v->key, f->name);
    if (!listed) finding(kind, f->name, "is not listed");
    else if (!hash_is(hash_of(f->bytes), v->text)) finding(kind, f->name, "is not what the list says");
    if (listed) v = j->at + v->end;
  }
  for (; v < end; v = j->at + v->end) finding(kind, v->key, "is listed but not there");
}

static bool has_files(const Json *j) { return j->at[json_member(j, 0, T("files"))].kind == J_OBJECT; }

static void check_manifest(Package *p) {
  Text fixed = T("checkpoint content.json index.html people.json policy.txt reasons.json "), name;
  if (!need_json(p, T("manifest.json"), &p->manifest)) return;
  if (!json_has(&p->manifest, 0, "asked by content export files origin root schema size when ") ||
      !has_files(&p->manifest) || !same(json_text(&p->manifest, 0, "schema"), T("proofline.package/1"))) {
    finding("manifest", T("manifest.json"), "does not have the members of a manifest");
    return;
  }
  while (cut(&fixed, ' ', &name)) (void)need(p, name);
  check_list(p, &p->manifest, "file");
}

static void check_head(Package *p) {
  Policy inside;
  const char *wrong = policy_read(need(p, T("policy.txt"))->bytes, &inside);
  if (wrong) finding("policy", T("policy.txt"), wrong);
  p->policy = inside;
  if (p->yours.p && (wrong = policy_read(p->yours, &p->policy))) finding("policy", T("-"), wrong);
  if (findings) return;
  p->note = need(p, T("checkpoint"))->bytes;
  if ((wrong = note_read(p->note, &p->policy, &p->head))) {
    finding("checkpoint", T("checkpoint"), wrong);
    return;
  }
  const Key *key = key_of(&inside, p->head.origin);
  if (!key || !key_same(key, key_of(&p->policy, p->head.origin)))
    finding("policy", T("policy.txt"), "has another key than your policy");
  if (!same(json_text(&p->manifest, 0, "origin"), p->head.origin) ||
      json_number(&p->manifest, 0, "size") != p->head.size ||
      !hash_is(p->head.root, json_text(&p->manifest, 0, "root")))
    finding("manifest", T("manifest.json"), "names another log, size or root than the checkpoint");
}

static bool time_ok(Text t) {
  static const char form[] = "0000-00-00T00:00:00.000000Z";
  if (t.n != sizeof form - 1) return false;
  for (size_t i = 0; i < t.n; i++)
    if (form[i] == '0' ? t.p[i] < '0' || t.p[i] > '9' : t.p[i] != form[i]) return false;
  return true;
}

static bool leaf_read(Text leaf, const Head *head, Entry *e) {
  Json j;
  if (leaf.n > LEAF_MAX || !json_read(leaf, &j)) return false;
  if (!json_has(&j, 0, "act actor auth epoch new obj prev reason req seq src t to type v ")) return false;
  for (size_t i = 1; i < 16; i++) /* which makes 16 values, none in another */
    if (j.n != 16 || j.at[i].kind != ("SSSNSSSSSNSSSSN"[i - 1] == 'N' ? J_NUMBER : J_STRING)) return false;
  *e = (Entry){ e->seq, json_number(&j, 0, "epoch"), json_text(&j, 0, "act"), json_text(&j, 0, "actor"),
                json_text(&j, 0, "obj"), json_text(&j, 0, "new"), json_text(&j, 0, "prev"),
                json_text(&j, 0, "reason"), json_text(&j, 0, "t"), json_text(&j, 0, "to"), { { 0 } }, false };
  if ((e->new_hex.n && !is_hex(e->new_hex)) || (e->prev.n && !is_hex(e->prev))) return false;
  return (!e->reason.n || is_hex(e->reason)) && json_number(&j, 0, "seq") == e->seq && e->epoch >= 1 &&
         e->epoch <= head->epoch && json_number(&j, 0, "v") == 1 && time_ok(e->time) &&
         same(json_text(&j, 0, "type"), T("proofline.leaf/1"));
}

static void check_entry(Package *p, File *f, Entry *e) {
  File *proof = use(p, (Text[]){ T("proofs/"), { f->name.p + 8, f->name.n - 13 } }, 2);
  Hash leaf = sha256((Text[]){ { "\0", 1 }, f->bytes }, 2);
  f->used = true;
  if (!leaf_read(f->bytes, &p->head, e)) finding("entry", f->name, "is no entry of this log at this place");
  else if (!proof) finding("proof", f->name, "has no proof");
  else if (!proof_ok(proof->bytes, e->seq, &leaf, &p->head, p->note, &e->before))
    finding("proof", proof->name, "does not prove that the log has this entry");
}

static void check_entries(Package *p) {
  p->entry = room(p->zip.n, sizeof(Entry));
  for (size_t i = 0; i < p->zip.n; i++)
    if (numbered(p->zip.file[i].name, &p->entry[p->n].seq)) check_entry(p, &p->zip.file[i], &p->entry[p->n++]);
  if (p->n) qsort(p->entry, p->n, sizeof *p->entry, by_seq);
  for (size_t i = 1; !findings && i < p->n; i++)
    if (order(p->entry[i - 1].time, p->entry[i].time) > 0 || p->entry[i - 1].epoch > p->entry[i].epoch)
      finding("entry", p->entry[i].obj, "is older than the one before it");
}

/* All numbers of the array are entries that nobody claimed yet, in order. */
static bool claim_all(Package *p, size_t array) {
  const Json *j = &p->content;
  int64_t last = -1;
  if (!array || j->at[array].kind != J_ARRAY) return false;
  for (size_t i = array + 1; i < j->at[array].end; i = j->at[i].end) {
    Entry *e = entry_find(p, j->at[i].kind == J_NUMBER ? j->at[i].number : -1);
    if (!e || e->seq <= last || e->claimed) return false;
    e->claimed = true;
    last = e->seq;
  }
  return true;
}

static void claim_records(Package *p) {
  const Json *j = &p->content;
  size_t records = json_member(j, 0, T("records"));
  Text last = { 0 };
  for (size_t i = records + 1; i < j->at[records].end; i = j->at[i].end) {
    Text id = json_has(j, i, "entries hash id rev type ") ? json_text(j, i, "id") : T("");
    if (!id.n || order(last, id) >= 0 || !claim_all(p, json_member(j, i, T("entries"))))
      finding("content", id, "is not described by records and entries that are here, each once and in order");
    last = id;
  }
  for (size_t i = 0; i < p->n; i++)
    if (!p->entry[i].claimed) finding("content", p->entry[i].obj, "is not named by the content");
}

static void check_content(Package *p) {
  Text hex = json_text(&p->manifest, 0, "content");
  p->export = entry_find(p, json_number(&p->manifest, 0, "export"));
  const Entry *e = p->export;
  if (!hash_is(hash_of(need(p, T("content.json"))->bytes), hex)) {
    finding("content", T("content.json"), "is not what the manifest says");
  } else if (!e || !same(e->act, T("package.export")) || !starts(e->obj, T("package:")) ||
             !same(from(e->obj, 8), hex)) {
    finding("content", T("content.json"), "is not what the log says was exported");
  } else if (!same(e->actor, json_text(&p->manifest, 0, "by")) || !same(e->time, json_text(&p->manifest, 0, "when")))
    finding("manifest", T("manifest.json"), "names another person or time than the log");
  if (findings || !need_json(p, T("content.json"), &p->content)) return;
  const Json *j = &p->content;
  size_t records = json_member(j, 0, T("records"));
  if (!json_has(j, 0, "asked chain files people records schema signatures ") || !has_files(j) ||
      j->at[records].kind != J_ARRAY || !same(json_text(j, 0, "schema"), T("proofline.package-content/2")) ||
      !same(json_text(j, 0, "asked"), json_text(&p->manifest, 0, "asked")) || j->at[1].kind != J_STRING) {
    finding("content", T("content.json"), "does not have the members of a content");
    return;
  }
  check_list(p, j, "content");
  p->export->claimed = true;
  if (!claim_all(p, json_member(j, 0, T("chain"))) || !claim_all(p, json_member(j, 0, T("people"))) ||
      !claim_all(p, json_member(j, 0, T("signatures"))))
    finding("content", T("content.json"), "names entries that are not here, or twice");
  claim_records(p);
}

typedef struct Record { Text id, type, hash, *writer; int64_t rev; size_t writers; } Record; /* since last judged */

/* Only who did not write the record may lead it to one of these; then the count of writers begins anew. */
static void judge(Record *c, const Entry *e) {
  Text judged = T("accepted affected approved closed conditional fixed not_affected not_reportable released "
                  "reviewed signed "), state = { 0 };
  bool own = false;
  while (cut(&judged, ' ', &state) && !same(state, e->to)) continue;
  if (!same(state, e->to)) return;
  for (size_t k = 0; k < c->writers; k++) own = own || same(c->writer[k], e->actor);
  if (own) finding("rule", c->id, "was judged by a person who wrote it");
  c->writers = 0;
}

/* The files that a revision lists are here; that their bytes have the hash in their name is checked with the blobs. */
static void check_files(Package *p, const Json *body, Text name) {
  size_t list = json_member(body, 0, T("files"));
  for (size_t i = list + 1; list && i < body->at[list].end; i = body->at[i].end) {
    const File *f = use(p, (Text[]){ T("blobs/"), json_text(body, i, "sha256") }, 2);
    if (!f || (int64_t)f->bytes.n != json_number(body, i, "bytes"))
      finding("blob", name, "lists a file that is not here");
  }
}

static void check_revision(Package *p, Record *c, const Entry *e, int64_t rev) {
  File *f = use(p, (Text[]){ T("revisions/"), e->obj, T(".json") }, 3);
  Json body;
  if (!f) finding("revision", c->id, "lacks a revision");
  else if (!hash_is(hash_of(f->bytes), e->new_hex)) finding("revision", f->name, "is not what the log says");
  else if (!same(e->prev, c->hash)) finding("revision", f->name, "does not follow on the revision before it");
  else if (!json_read(f->bytes, &body) || !same(json_text(&body, 0, "id"), c->id) ||
           json_number(&body, 0, "rev") != rev || !same(json_text(&body, 0, "type"), c->type))
    finding("revision", f->name, "states another id, revision or type");
  else check_files(p, &body, f->name);
  if (!same(e->act, T("record.confirm"))) c->writer[c->writers++] = e->actor;
  c->rev = rev;
  c->hash = e->new_hex;
}

/* ID@REV */
static bool is_about(Text obj, Text id, int64_t *rev) {
  return obj.n > id.n && starts(obj, id) && obj.p[id.n] == '@' && number(from(obj, id.n + 1), rev);
}

static void check_step(Package *p, Record *c, const Entry *e) {
  int64_t rev;
  if (!is_about(e->obj, c->id, &rev)) finding("entry", e->obj, "is about another record than the content says");
  else if (e->new_hex.n && rev == c->rev + 1) check_revision(p, c, e, rev);
  else if (rev < 1 || rev > c->rev || (e->new_hex.n && !same(e->new_hex, c->hash)))
    finding("entry", e->obj, "is about a revision that does not exist then");
  const Entry *next = entry_find(p, e->seq + 1);
  if (same(e->act, T("record.sign")) && (!next || !same(next->act, T("record.signature"))))
    finding("signature", e->obj, "lacks what was signed");
  judge(c, e);
}

static void check_records(Package *p) {
  const Json *j = &p->content;
  size_t records = json_member(j, 0, T("records"));
  for (size_t i = records + 1; i < j->at[records].end; i = j->at[i].end) {
    Record c = { .id = json_text(j, i, "id"), .type = json_text(j, i, "type"), .hash = T("") };
    size_t list = json_member(j, i, T("entries"));
    c.writer = room(j->at[list].end - list, sizeof *c.writer);
    for (size_t k = list + 1; k < j->at[list].end; k++) check_step(p, &c, entry_find(p, j->at[k].number));
    if (c.rev < 1 || c.rev != json_number(j, i, "rev") || !same(c.hash, json_text(j, i, "hash")))
      finding("content", c.id, "is at another revision than the content says");
  }
}

/* What a signature covers is named by its digest in the entry that follows directly on the one of the step. */
static void check_signature(Package *p, const Entry *e) {
  Text hex = starts(e->obj, T("signature:")) ? from(e->obj, 10) : T("");
  File *f = use(p, (Text[]){ T("signatures/"), hex, T(".json") }, 3);
  const Entry *step = entry_find(p, e->seq - 1);
  Json j;
  int64_t rev;
  if (!f || !hash_is(hash_of(f->bytes), hex) || !json_read(f->bytes, &j))
    finding("signature", e->obj, "is not what the log says was signed");
  else if (!step || !same(step->act, T("record.sign")) || !is_about(step->obj, json_text(&j, 0, "record"), &rev) ||
      rev != json_number(&j, 0, "rev") || !same(step->new_hex, json_text(&j, 0, "hash")) ||
      !same(step->to, json_text(&j, 0, "to")) || !same(step->actor, json_text(&j, 0, "signer")) ||
      !same(e->actor, step->actor))
    finding("signature", f->name, "covers something else than the step that it belongs to");
}

static void check_signatures(Package *p) {
  const Value *list = &p->content.at[json_member(&p->content, 0, T("signatures"))], *end = p->content.at + list->end;
  for (const Value *v = list + 1; v < end; v++) check_signature(p, entry_find(p, v->number));
}

static bool known_person(const Package *p, Text id) {
  const Value *v = &p->people.at[json_member(&p->people, 0, id)];
  return v->kind == J_STRING && v->text.n;
}

static void check_people(Package *p) {
  const Json *j = &p->content;
  size_t list = json_member(j, 0, T("people"));
  if (!need_json(p, T("people.json"), &p->people)) return;
  for (size_t i = 0; i < p->n; i++)
    if (!known_person(p, p->entry[i].actor)) finding("person", p->entry[i].actor, "has no name");
  for (size_t k = list + 1; k < j->at[list].end; k++) {
    const Entry *e = entry_find(p, j->at[k].number);
    if (!starts(e->obj, T("user:")) || !known_person(p, from(e->obj, 5)))
      finding("person", e->obj, "is nobody who acts here");
  }
}

static void check_reasons(Package *p) {
  Json j;
  if (!need_json(p, T("reasons.json"), &j)) return;
  for (size_t i = 1; i < j.at[0].end; i = j.at[i].end) {
    int64_t seq;
    const Entry *e = number(j.at[i].key, &seq) ? entry_find(p, seq) : NULL;
    Text salt = e && json_has(&j, i, "salt text ") ? json_text(&j, i, "salt") : T(""), text = T("");
    if (salt.n == 32 && !memchr(salt.p, '\\', 32)) text = json_plain(json_text(&j, i, "text"));
    if (!text.n || !hash_is(sha256((Text[]){ salt, text }, 2), e->reason))
      finding("reason", j.at[i].key, "is not what the entry was given");
  }
}

/* A blob is named by its digest, and a revision names it. */
static void check_blob(Package *p, File *f) {
  Text hex = from(f->name, 6);
  f->used = true;
  bool right = is_hex(hex) && hash_is(hash_of(f->bytes), hex), named = !right;
  if (!right) finding("blob", f->name, "is not what its name says");
  for (size_t i = 0; i < p->zip.n; i++) {
    Text body = p->zip.file[i].bytes;
    for (size_t k = 0; starts(p->zip.file[i].name, T("revisions/")) && !named && k + 66 <= body.n; k++)
      named = body.p[k] == '"' && body.p[k + 65] == '"' && memcmp(body.p + k + 1, hex.p, 64) == 0;
  }
  if (!named) finding("blob", f->name, "is named by no revision");
}

static void check_rest(Package *p) {
  for (size_t i = 0; i < p->zip.n; i++) {
    if (starts(p->zip.file[i].name, T("blobs/"))) check_blob(p, &p->zip.file[i]);
    if (!p->zip.file[i].used) finding("file", p->zip.file[i].name, "belongs to nothing");
  }
}

void check(Text package, Text policy) {
  static Package p;
  static void (*const stage[])(Package *) = { check_manifest, check_head, check_entries, check_content, check_chain,
    check_stamps, check_records, check_signatures, check_people, check_reasons, check_rest };
  const char *wrong = zip_read(package, &p.zip);
  p.yours = policy;
  if (wrong) finding("zip", T("-"), wrong);
  for (size_t i = 0; !findings && i < sizeof stage / sizeof *stage; i++) stage[i](&p);
}
