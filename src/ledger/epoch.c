/* A log that does not continue what was signed goes on in a new epoch, and says so.
 *
 * An older database that was put back, or a backup that was restored, lacks entries that somebody has seen signed.
 * The log never pretends that they did not exist: an entry "epoch.start" states what was kept, what had been signed,
 * the key that signed until then and the new one; two people answer for it.  The tree goes on over all entries. */
#include "inside.h"
#include "ledger.sql.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the signer's folder says: its verifier key and the head that it signed last. */
typedef struct Known { Str key_text, note; LogKey key; TreeHead head; bool has_key, has_head, can_sign; } Known;

static void known_read(Cx *cx, const char *folder, Known *out) {
  Known k = { .can_sign = file_exists(signer_path(cx->arena, folder, "key")) };
  k.has_key = file_read(cx, signer_path(cx->arena, folder, "key.pub"), NOTE_MAX_BYTES, &k.key_text) == E_OK &&
              key_read(cx->arena, k.key_text, &k.key);
  cx_forgive(cx);
  k.has_head = k.has_key && file_read(cx, signer_path(cx->arena, folder, "head"), NOTE_MAX_BYTES, &k.note) == E_OK &&
               note_valid(cx->arena, k.note, &k.key, &k.head);
  cx_forgive(cx);
  *out = k;
}

/* Root of the first `size` entries; false when the log is shorter or damaged. */
static bool root_at(Cx *cx, Store *s, int64_t size, Hash *out) {
  Tree t;
  TreeHead head;
  bool good = ledger_head(cx, s, &head) == E_OK && size <= head.size && log_tree(cx, s, size, &t) == E_OK;
  cx_forgive(cx);
  if (good) *out = tree_root(&t);
  return good;
}

#define NEXT                                                                                           \
  "Nothing was changed. Repair it from its archive (proofline recover --reason TEXT), restore the newest " \
  "backup, or go on in a new epoch: proofline recover --reason TEXT --second LOGIN"

static Err behind(Cx *cx, Store *s, const Known *k) {
  TreeHead head;
  Hash root;
  TRY(ledger_head(cx, s, &head));
  if (head.size < k->head.size)
    return fail(cx, E_INTEGRITY,
                "The log has %lld entries, but %lld were signed: an older database was put back. " NEXT,
                (long long)head.size, (long long)k->head.size);
  if (!root_at(cx, s, k->head.size, &root) || !hash_eq(root, k->head.root))
    return fail(cx, E_INTEGRITY,
                "The first %lld entries of the log are not those that were signed: another database was "
                "put here. " NEXT,
                (long long)k->head.size);
  return E_OK;
}

Err ledger_continues(Cx *cx, Store *s) {
  Known k;
  Str origin;
  known_read(cx, store_folder(s), &k);
  TRY(ledger_origin(cx, s, &origin));
  if (!k.can_sign)
    return fail(
        cx, E_INTEGRITY,
        "There is no key in %s/signer, so the log cannot be signed: the folder was restored from a "
        "backup, or the key was lost. Put the key back, or go on in a new epoch: proofline recover --reason TEXT",
        store_folder(s));
  if (!k.has_key || !str_eq(k.key.origin, origin))
    return fail(cx, E_INTEGRITY, "The key in %s/signer belongs to another log than %.*s. " NEXT, store_folder(s),
                STR(origin));
  if (!k.has_head)
    return fail(cx, E_INTEGRITY,
                "%s/signer/head cannot be read or was not signed by this log's key, so nobody can tell "
                "whether entries are missing. " NEXT,
                store_folder(s));
  return behind(cx, s, &k);
}

/* ---- the statement --------------------------------------------------------------------------------------------- */

static const char *next_folder(Arena *a, Store *s) { return str_fmt(a, "%s/next", store_folder(s)).p; }

/* The key of the new epoch is made beside the old one, which stays until the entry is durable. */
static Err next_key(Cx *cx, Store *s, Str origin, Str *text) {
  LogKey key;
  const char *folder = next_folder(cx->arena, s);
  if (file_exists(folder)) TRY(folder_remove(cx, folder));   /* of a recovery that was interrupted */
  TRY(signer_create(cx, folder, origin));
  TRY(file_read(cx, signer_path(cx->arena, folder, "key.pub"), NOTE_MAX_BYTES, text));
  return key_read(cx->arena, *text, &key) ? E_OK : fail(cx, E_BUG, "The new key cannot be read back.");
}

static Str statement(Cx *cx, const EpochAsk *ask, Str from, Str to, const Known *k, TreeHead kept, Str key) {
  Buf b = buf_new(cx->arena, 16 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_key(&o, "by");
  json_array(&o);
  for (size_t i = 0; i < 2; i++) json_put_str(&o, ask->by[i]);
  json_array_end(&o);
  json_pair(&o, "from", from);
  json_pair_int(&o, "kept", kept.size);
  json_pair(&o, "kept_root", hash_hex(cx->arena, kept.root));
  json_pair(&o, "key", str_trim(key));
  json_pair(&o, "old_key", str_trim(k->key_text));
  json_pair(&o, "schema", S("proofline.epoch/1"));
  json_pair_int(&o, "signed", k->has_head ? k->head.size : 0);
  json_pair(&o, "signed_note", k->note);
  json_pair(&o, "to", to);
  json_object_end(&o);
  return buf_str(&b);
}

Err ledger_epoch_start(Cx *cx, Store *s, const EpochAsk *ask, const Entry *e, int64_t *seq) {
  LogState *st;
  Known k;
  Str key, from;
  int64_t mine;
  known_read(cx, store_folder(s), &k);
  if (ledger_continues(cx, s) == E_OK)
    return fail(cx, E_CONFLICT, "The log continues what was signed, so it needs no new epoch. Nothing was changed.");
  cx_forgive(cx);
  if (!ask->by[0].n || !ask->by[1].n || str_eq(ask->by[0], ask->by[1]))
    return fail(cx, E_DENIED, "A new epoch needs two different people. Nothing was changed.");
  if (!e->reason.n) return fail(cx, E_INVALID, "A new epoch needs a reason. Nothing was changed.");
  TRY(log_state(cx, s, &st));
  from = str_dup(cx->arena, st->origin);
  int64_t n = st->epoch + 1;
  TreeHead kept = { st->tree.size, tree_root(&st->tree) };
  Str to = str_fmt(cx->arena, "%.*s/%lld", STR(str_slice(from, 0, str_rfind_char(from, '/'))), (long long)n);
  TRY(next_key(cx, s, to, &key));
  Str body = statement(cx, ask, from, to, &k, kept, key);
  TRY(store_run(cx, s, SQL_EPOCH_ADD, ARGS(v_int(n), v_int(kept.size), v_text(body)), NULL));
  st->known = false;   /* the entry itself belongs to the new epoch */
  Entry entry = *e;
  entry.act = S("epoch.start");
  entry.obj = str_fmt(cx->arena, "epoch:%lld", (long long)n);
  entry.new_hash = sha256(body);
  TRY(ledger_append(cx, s, &entry, &mine));
  if (mine != kept.size) return fail(cx, E_BUG, "The entry of the new epoch is not where it ought to be.");
  if (seq) *seq = mine;
  return E_OK;
}

/* ---- the keys -------------------------------------------------------------------------------------------------- */

static Err move(Cx *cx, const char *from, const char *to) {
  if (!file_exists(from) || rename(from, to) == 0) return E_OK;
  return fail(cx, E_IO, "Cannot move %s to %s: %s. Nothing was signed. Run the command again.", from, to,
              strerror(errno));
}

/* In an order that can be taken up again after a crash: the key that can sign comes last. */
Err ledger_epoch_keys(Cx *cx, Store *s) {
  static const char *const files[] = { "key.pub", "head", "key" };
  const char *folder = store_folder(s), *next = next_folder(cx->arena, s);
  LogState *st;
  Str text;
  LogKey key;
  TRY(log_state(cx, s, &st));
  if (!file_exists(next)) return E_OK;
  if (file_exists(signer_path(cx->arena, next, "key.pub"))) {
    TRY(file_read(cx, signer_path(cx->arena, next, "key.pub"), NOTE_MAX_BYTES, &text));
    if (!key_read(cx->arena, text, &key) || !str_eq(key.origin, st->origin)) return folder_remove(cx, next);
    Str old = str_fmt(cx->arena, "epoch-%lld.pub", (long long)(st->epoch - 1));
    (void)unlink(signer_path(cx->arena, folder, "key"));   /* nobody may continue the log that ended */
    TRY(move(cx, signer_path(cx->arena, folder, "key.pub"), signer_path(cx->arena, folder, old.p)));
  }
  TRY(folder_make(cx, str_fmt(cx->arena, "%s/signer", folder).p, 0700));
  for (size_t i = 0; i < COUNT(files); i++)
    TRY(move(cx, signer_path(cx->arena, next, files[i]), signer_path(cx->arena, folder, files[i])));
  return folder_remove(cx, next);
}

/* ---- for verify ------------------------------------------------------------------------------------------------ */

Err verify_epochs(Cx *cx, Verify *v) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, v->s, SQL_EPOCH_ALL, NO_ARGS, &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Epoch e = { .n = row_int(&r, 0), .seq = row_int(&r, 1), .body = str_dup(cx->arena, row_text(&r, 2)) };
    JVal *body;
    Str file, name = str_fmt(cx->arena, "epoch-%lld.pub", (long long)(e.n - 1));
    if (json_read(cx, e.body, &JSON_DOCUMENT, &body) == E_OK)
      e.has_key = key_read(cx->arena, str_dup(cx->arena, json_text(body, "old_key")), &e.old_key);
    cx_forgive(cx);
    LogKey kept;
    if (file_read(cx, signer_path(cx->arena, store_folder(v->s), name.p), NOTE_MAX_BYTES, &file) == E_OK &&
        (!key_read(cx->arena, file, &kept) || !e.has_key || memcmp(kept.public, e.old_key.public, 32) != 0))
      verify_find(cx, v->r, "signer", name, "is not the key that the entry of the next epoch names");
    cx_forgive(cx);
    vec_add(cx->arena, &v->epochs, e);
  }
}

/* The entry that starts epoch n: it stands where its row says, and states the tree before it. */
void verify_epoch_start(Cx *cx, Verify *v, const Leaf *leaf, Hash root) {
  Str object = str_fmt(v->scratch.arena, "%lld", (long long)(v->at_epoch + 1));
  const Epoch *e = v->next_epoch < v->epochs.n ? &v->epochs.p[v->next_epoch] : NULL;
  JVal *body;
  v->at_epoch++;
  if (!e || e->n != v->at_epoch || e->seq != leaf->seq || !hash_is_hex(sha256(e->body), leaf->new_hex)) {
    verify_find(cx, v->r, "epoch", object, "what it started with is not what entry %lld speaks of",
                (long long)leaf->seq);
    return;
  }
  v->next_epoch++;
  if (json_read(&v->scratch, e->body, &JSON_DOCUMENT, &body) != E_OK || json_int(body, "kept", -1) != leaf->seq ||
      !hash_is_hex(root, json_text(body, "kept_root")))
    verify_find(cx, v->r, "epoch", object, "the entries that it kept are not those that it states");
}
