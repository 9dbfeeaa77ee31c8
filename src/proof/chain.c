/* How the log came to its name and key, and which of its heads an authority stamped. */
#include "proof.h"

/* The statement of an epoch against its entry, the reader's own key and what the epoch before ended with (if known). */
static bool follows(const Package *p, const Entry *e, const Json *s, const Key *before, Key *now) {
  Text note = json_plain(json_text(s, 0, "signed_note")), old_text = json_plain(json_text(s, 0, "old_key"));
  const Value *by = &s->at[json_member(s, 0, T("by"))];
  if (!json_has(s, 0, "by from kept kept_root key old_key schema signed signed_note to ") ||
      !same(json_text(s, 0, "schema"), T("proofline.epoch/1")) || !key_read(json_plain(json_text(s, 0, "key")), now) ||
      !same(now->name, json_plain(json_text(s, 0, "to"))) || json_number(s, 0, "kept") != e->seq ||
      !hash_is(e->before, json_text(s, 0, "kept_root")) || by->end != (size_t)(by - s->at) + 3 ||
      by[1].kind != J_STRING || by[2].kind != J_STRING || same(by[1].text, by[2].text))
    return false;
  Policy old = { .n = 1 };
  Head head;
  if (!old_text.n) return !before->name.n && !note.n; /* the key was lost */
  if (!key_read(old_text, &old.key[0]) || !same(old.key[0].name, json_plain(json_text(s, 0, "from")))) return false;
  const Key *yours = key_of(&p->policy, old.key[0].name);
  if ((yours && !key_same(yours, &old.key[0])) || (before->name.n && !key_same(before, &old.key[0]))) return false;
  return !note.n || (!note_read(note, &old, &head) && head.size == json_number(s, 0, "signed"));
}

/* Each epoch follows on the one before; an import from another log begins anew; the last leads to the head's key. */
void check_chain(Package *p) {
  const Json *j = &p->content;
  size_t list = json_member(j, 0, T("chain")), at = list + 1;
  int64_t epoch = 1;
  Key now = { 0 };
  for (const Entry *e = p->entry; !findings && e < p->entry + p->n; e++) {
    bool link = at < j->at[list].end && j->at[at].number == e->seq, start = link && same(e->act, T("epoch.start"));
    const File *f = link ? use(p, (Text[]){ T("chain/"), e->new_hex }, 2) : NULL;
    const Key before = now;
    Json s;
    epoch += start;
    if (e->epoch != epoch) finding("epoch", e->obj, "belongs to another epoch");
    if (!link) continue;
    at++;
    now = (Key){ 0 };
    if (!f || !hash_is(hash_of(f->bytes), e->new_hex) || (!start && !same(e->act, T("import.all"))))
      finding("epoch", e->obj, "is not what the log says");
    else if (start && (!json_read(f->bytes, &s) || !follows(p, e, &s, &before, &now)))
      finding("epoch", e->obj, "does not follow on what was before it");
  }
  if (!findings && (epoch != p->head.epoch || (now.name.n && !key_same(&now, key_of(&p->policy, p->head.origin)))))
    finding("epoch", p->head.origin, "is not where the epochs lead to");
}

/* timestamps/N is a head of N entries: with its root over the entries before N, they are older than its stamp. */
void check_stamps(Package *p) {
  int64_t n, size = -1;
  for (File *f = p->zip.file; f < p->zip.file + p->zip.n; f++) {
    if (!starts(f->name, T("timestamps/")) || !number(from(f->name, 11), &n)) continue;
    Text rest = f->bytes, line;
    const File *reply = use(p, (Text[]){ f->name, T(".tsr") }, 2);
    const File *proof = use(p, (Text[]){ T("proofs/"), from(f->name, 11), T(".head") }, 3);
    Hash root, before = { { 0 } };
    f->used = true;
    bool head = cut(&rest, '\n', &line) && cut(&rest, '\n', &line) && number(line, &size) && size == n &&
                cut(&rest, '\n', &line) && base64(line, root.b, sizeof root.b);
    if (!head || !proof || !proof_ok(proof->bytes, n, NULL, &p->head, p->note, &before) ||
        memcmp(root.b, before.b, sizeof root.b) != 0)
      finding("timestamp", f->name, "is no earlier head of this log");
    else if (!reply || !stamp_ok(reply->bytes, hash_of(f->bytes)))
      finding("timestamp", f->name, "is not what the authority stamped");
  }
}
