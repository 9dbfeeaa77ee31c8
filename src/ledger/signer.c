/* The signer: the one process that has the key of the log.
 *
 * It never signs two roots for one size and never a smaller log, because it signs only what is proven to continue the
 * head that it signed last, and writes the new head to disk before it answers.
 *
 * Messages over a stream socket, each a u32 length (little-endian) and that many bytes:
 *   'h'                                    what was signed last?
 *   's' size (u64) root (32) hashes (32 each)   sign this; the hashes are the consistency proof from the last head
 * Answers: '+' and a note; '-' and why it is refused. */
#define _GNU_SOURCE   /* close_range */
#include "inside.h"
#include "ledger.sql.h"
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_MS = 20000, WORK_BYTES = 4 * 1024 * 1024, SIGN_FIXED = 1 + 8 + 32 };

/* ---- frames ---------------------------------------------------------------------------------------------------- */

static bool send_all(int fd, const char *p, size_t n) {
  while (n) {
    ssize_t put = send(fd, p, n, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    p += put;
    n -= (size_t)put;
  }
  return true;
}

static bool read_all(int fd, char *p, size_t n, int wait_ms) {
  while (n) {
    struct pollfd at = { .fd = fd, .events = POLLIN };
    int ready = poll(&at, 1, wait_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    ssize_t got = read(fd, p, n);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    p += got;
    n -= (size_t)got;
  }
  return true;
}

static bool frame_send(Arena *a, int fd, Str payload) {
  Buf b = buf_new(a, SIGNER_MAX_BYTES);
  buf_u32le(&b, (uint32_t)payload.n);
  buf_add(&b, payload);
  return !b.over && send_all(fd, b.p, b.n);
}

static bool frame_read(Arena *a, int fd, int wait_ms, Str *out) {
  uint8_t size[4];
  if (!read_all(fd, (char *)size, sizeof size, wait_ms)) return false;
  size_t n = size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
  if (n > SIGNER_MAX_BYTES) return false;
  char *p = arena_alloc(a, n);
  if (!read_all(fd, p, n, WAIT_MS)) return false;
  *out = (Str){ p, n };
  return true;
}

/* ---- the state ------------------------------------------------------------------------------------------------- */

Err signer_create(Cx *cx, const char *folder, Str origin) {
  const char *path = signer_path(cx->arena, folder, "key");
  if (file_exists(path)) return fail(cx, E_CONFLICT, "%s exists already. It was left as it is.", path);
  if (!origin.n || str_find_char(origin, ' ') != SIZE_MAX || str_find_char(origin, '+') != SIZE_MAX ||
      str_find_char(origin, '\n') != SIZE_MAX)
    return fail(cx, E_BUG, "%.*s cannot be the name of a log.", STR(origin));
  TRY(folder_make(cx, str_fmt(cx->arena, "%s/signer", folder).p, 0700));
  uint8_t seed[32];
  SignKey key;
  random_bytes(seed, sizeof seed);
  sign_key_from_seed(seed, &key);
  TreeHead empty = { 0, sha256(S("")) };
  TRY(file_write(cx, signer_path(cx->arena, folder, "key.pub"), key_text(cx->arena, origin, key.public), 0444));
  TRY(file_write(cx, signer_path(cx->arena, folder, "head"), note_make(cx->arena, &key, origin, empty), 0600));
  return file_write(cx, path, secret_text(cx->arena, origin, seed), 0400);   /* last: with it, all is there */
}

static void remember_note(SignerState *st, Str note) {
  assert(note.n <= sizeof st->note);
  memcpy(st->note, note.p, note.n);
  st->note_n = note.n;
}

Err signer_load(Cx *cx, const char *folder, Arena *keep, SignerState *out) {
  SignerState st = { .head_path = str_fmt(keep, "%s/signer/head", folder).p };
  Str secret, origin, note;
  LogKey pub = { 0 };
  TRY(file_read(cx, signer_path(cx->arena, folder, "key"), NOTE_MAX_BYTES, &secret));
  if (!secret_read(cx->arena, secret, &origin, &st.key))
    return fail(cx, E_INTEGRITY,
                "The key of the log in %s/signer is damaged. Nothing was signed. Restore it from its backup.",
                folder);
  st.origin = str_dup(keep, origin);
  (void)key_read(cx->arena, key_text(cx->arena, origin, st.key.public), &pub);
  TRY(file_read(cx, st.head_path, NOTE_MAX_BYTES, &note));
  if (!note_valid(cx->arena, note, &pub, &st.head))
    return fail(cx, E_INTEGRITY,
                "%s was not signed by this log's key. Nothing was signed. Restore it from its backup.", st.head_path);
  remember_note(&st, note);
  *out = st;
  return E_OK;
}

/* ---- one request ----------------------------------------------------------------------------------------------- */

static Err refuse(Buf *answer, const char *why) {
  buf_byte(answer, '-');
  buf_z(answer, why);
  return E_OK;
}

static Err grant(Buf *answer, Str note) {
  buf_byte(answer, '+');
  buf_add(answer, note);
  return E_OK;
}

static bool sign_request(Arena *a, Str r, TreeHead *head, Proof *proof) {
  if (r.n < SIGN_FIXED || (r.n - SIGN_FIXED) % sizeof(Hash)) return false;
  uint64_t size = 0;
  for (size_t i = 0; i < 8; i++) size |= (uint64_t)(uint8_t)r.p[1 + i] << (8 * i);
  if (size > INT64_MAX / 4) return false;
  head->size = (int64_t)size;
  memcpy(head->root.b, r.p + 9, sizeof head->root.b);
  proof->n = (r.n - SIGN_FIXED) / sizeof(Hash);
  if (proof->n > 2 * TREE_LEVELS) return false;
  proof->hash = NEW_ARRAY(a, proof->n ? proof->n : 1, Hash);
  if (proof->n) memcpy(proof->hash, r.p + SIGN_FIXED, proof->n * sizeof(Hash));
  return true;
}

Err signer_answer(Cx *cx, SignerState *st, Str request, Buf *answer) {
  TreeHead head;
  Proof proof;
  if (str_eq(request, S("h"))) return grant(answer, (Str){ st->note, st->note_n });
  if (!request.n || request.p[0] != 's' || !sign_request(cx->arena, request, &head, &proof))
    return refuse(answer, "the request cannot be read");
  if (head.size < st->head.size) return refuse(answer, "the log is shorter than what was signed before");
  if (head.size == st->head.size && hash_eq(head.root, st->head.root))
    return grant(answer, (Str){ st->note, st->note_n });
  if (head.size == st->head.size) return refuse(answer, "the log has another root at the size that was signed before");
  bool follows = st->head.size ? proof_consistency_ok(st->head.size, head.size, &proof, st->head.root, head.root)
                               : proof.n == 0;
  if (!follows) return refuse(answer, "the log does not continue what was signed before");
  Str note = note_make(cx->arena, &st->key, st->origin, head);
  TRY(file_write(cx, st->head_path, note, 0600));   /* remembered before anybody sees the signature */
  remember_note(st, note);
  st->head = head;
  return grant(answer, note);
}

Err signer_run(Cx *cx, const char *folder, int fd) {
  struct rlimit none = { 0, 0 };
  (void)setrlimit(RLIMIT_CORE, &none);
  (void)prctl(PR_SET_DUMPABLE, 0);   /* no core file and no debugger may see the key */
  SignerState st;
  Arena *keep = arena_new(WORK_BYTES);
  Err e = crypto_start(cx);
  if (e == E_OK) e = signer_load(cx, folder, keep, &st);
  Str request;
  while (e == E_OK && frame_read(cx->arena, fd, -1, &request)) {
    Buf answer = buf_new(cx->arena, NOTE_MAX_BYTES);
    e = signer_answer(cx, &st, request, &answer);
    if (e == E_OK && !frame_send(cx->arena, fd, buf_str(&answer))) break;
    if (e == E_OK) cx_reset(cx);
  }
  arena_free(keep);
  return e;
}

/* ---- the other side -------------------------------------------------------------------------------------------- */

static void __attribute__((noreturn)) signer_child(const char *folder, int fd) {
  if (fd > 3) (void)close_range(3, (unsigned)fd - 1, 0);   /* the store's files and lock are not ours */
  (void)close_range((unsigned)fd + 1, ~0U, 0);
  AUTO(Cx) cx = cx_new(WORK_BYTES);
  Err e = signer_run(&cx, folder, fd);
  if (e != E_OK) (void)dprintf(2, "proofline: error: %.*s\n", STR(cx.words));
  _exit(err_exit(e));
}

Err signer_fork(Cx *cx, const char *folder, Signer *out) {
  int fd[2];
  if (!file_exists(signer_path(cx->arena, folder, "key")))
    return fail(cx, E_NOTFOUND,
                "There is no key in %s/signer, so the log cannot be signed. Restore it from its backup.", folder);
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
    return fail(cx, E_IO, "No socket for the signer: %s.", strerror(errno));
  pid_t child = fork();
  if (child == 0) signer_child(folder, fd[1]);
  (void)close(fd[1]);
  if (child < 0) {
    (void)close(fd[0]);
    return fail(cx, E_IO, "No process for the signer: %s.", strerror(errno));
  }
  *out = (Signer){ fd[0], (int)child };
  return E_OK;
}

void signer_close(Signer *s) {
  if (s->fd > 0) (void)close(s->fd);
  if (s->pid > 0) (void)waitpid((pid_t)s->pid, NULL, 0);
  *s = (Signer){ -1, 0 };
}

static Err signer_ask(Cx *cx, const Signer *signer, Str request, Str *note) {
  Str answer;
  if (!frame_send(cx->arena, signer->fd, request) || !frame_read(cx->arena, signer->fd, WAIT_MS, &answer) || !answer.n)
    return fail(cx, E_BUSY, "The signer does not answer. The entries are stored; they will be signed when it is back.");
  if (answer.p[0] != '+')
    return fail(cx, E_INTEGRITY,
                "The signer refuses: %.*s. The entries are stored and unsigned. Run: proofline verify --all",
                STR(str_slice(answer, 1, answer.n)));
  *note = str_slice(answer, 1, answer.n);
  return E_OK;
}

/* ---- checkpoints ----------------------------------------------------------------------------------------------- */

Err ledger_last_checkpoint(Cx *cx, Store *s, TreeHead *head, Str *note) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_CHECKPOINT_LAST, NO_ARGS, &r));
  TRY(rows_next(cx, &r, &got));
  TreeHead found = { 0, sha256(S("")) };
  if (got && !hash_of_bytes(row_bytes(&r, 2), &found.root))
    return fail(cx, E_INTEGRITY, "The last checkpoint cannot be read. Run: proofline verify --all");
  if (got) found.size = row_int(&r, 1);
  *note = got ? str_dup(cx->arena, row_text(&r, 3)) : S("");
  *head = found;
  return E_OK;
}

/* Reads the entries beyond `from` back and hashes them again: a bit that flipped in memory or on the way to the disk
 * must be found before the signature makes it permanent. */
static Err read_back(Cx *cx, Store *s, TreeHead from, TreeHead *now) {
  Tree t;
  Hash made[TREE_LEVELS], stored;
  TreeHead head;
  TRY(ledger_head(cx, s, &head));
  if (head.size < from.size)
    return fail(cx, E_INTEGRITY,
                "The log has %lld entries but %lld were signed: the store was rolled back. Nothing was signed. "
                "Run: proofline verify --all",
                (long long)head.size, (long long)from.size);
  TRY(log_tree(cx, s, from.size, &t));
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, SQL_ENTRY_RANGE, ARGS(v_int(from.size), v_int(head.size)), &r));
  bool good = hash_eq(tree_root(&t), from.root);
  for (bool got; good;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Hash h = leaf_hash(row_text(&r, 1));
    good = row_int(&r, 0) == t.size && hash_of_bytes(row_bytes(&r, 2), &stored) && hash_eq(h, stored);
    (void)tree_add(&t, h, made);
  }
  if (!good || t.size != head.size || !hash_eq(tree_root(&t), head.root))
    return fail(cx, E_INTEGRITY, "The log does not continue what was signed (%lld entries). Nothing was signed. "
                "Run: proofline verify --all", (long long)from.size);
  *now = head;
  return E_OK;
}

static Str sign_message_of(Cx *cx, TreeHead head, const Proof *p) {
  Buf b = buf_new(cx->arena, SIGNER_MAX_BYTES);
  buf_byte(&b, 's');
  buf_u64le(&b, (uint64_t)head.size);
  buf_add(&b, hash_bytes(&head.root));
  for (size_t i = 0; i < p->n; i++) buf_add(&b, hash_bytes(&p->hash[i]));
  return buf_str(&b);
}

typedef struct Signed { TreeHead before, now; Str note_before, note_now; } Signed;

static Err ask_for_head(Cx *cx, Store *s, const Signer *signer, Signed *out) {
  Str origin, mine, text;
  Proof proof;
  TRY(signer_ask(cx, signer, S("h"), &out->note_before));
  TRY(ledger_origin(cx, s, &mine));
  if (!note_read(cx->arena, out->note_before, &origin, &out->before, &text) || !str_eq(origin, mine))
    return fail(cx, E_INTEGRITY,
                "The signer belongs to another log. Nothing was signed. Restore the folder of this store.");
  TRY(read_back(cx, s, out->before, &out->now));
  TRY(ledger_consistency(cx, s, out->before.size, out->now.size, &proof));
  return signer_ask(cx, signer, sign_message_of(cx, out->now, &proof), &out->note_now);
}

static Err keep_note(Cx *cx, Store *s, TreeHead head, Str note) {
  int64_t known, n = 0;
  TRY(store_int(cx, s, SQL_CHECKPOINT_AT, ARGS(v_int(head.size)), 0, &known));
  if (known || head.size == 0) return E_OK;
  TRY(store_int(cx, s, SQL_CHECKPOINT_LAST, NO_ARGS, 0, &n));
  TRY(store_run(cx, s, SQL_CHECKPOINT_ADD,
                ARGS(v_int(n + 1), v_int(head.size), v_bytes(hash_bytes(&head.root)), v_text(note)), NULL));
  Str count = str_fmt(cx->arena, "%lld", (long long)(n + 1));
  return store_run(cx, s, SQL_META_SET, ARGS(v_text(S("checkpoints")), v_text(count)), NULL);
}

Err ledger_checkpoint(Cx *cx, Store *s, Signer *signer) {
  TreeHead head, last;
  Str note;
  Signed got = { 0 };
  TRY(ledger_head(cx, s, &head));
  TRY(ledger_last_checkpoint(cx, s, &last, &note));
  if (head.size == last.size && hash_eq(head.root, last.root)) return E_OK;
  TRY(ask_for_head(cx, s, signer, &got));
  TRY(store_begin(cx, s));
  Err e = keep_note(cx, s, got.before, got.note_before);   /* it may have been signed just before a crash */
  if (e == E_OK) e = keep_note(cx, s, got.now, got.note_now);
  if (e == E_OK) return store_commit(cx, s);
  store_rollback(s);
  return e;
}
