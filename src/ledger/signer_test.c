/* Notes, the signer's rule, checkpoints across crashes. */
#include "fixture.h"
#include <signal.h>
#include <sys/stat.h>

static char folder[64];

static int make_folder(void **state) {
  (void)state;
  (void)snprintf(folder, sizeof folder, "/tmp/signer_test.XXXXXX");
  return mkdtemp(folder) ? 0 : 1;
}

static int drop_folder(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  remove_folder(&cx, folder);
  return 0;
}

/* The vector of doc/log.md: the seed is 0, 1, 2 ... 31. */
static void notes_are_c2sp(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  assert_ok(crypto_start(&cx));
  uint8_t seed[32];
  for (uint8_t i = 0; i < 32; i++) seed[i] = i;
  Str origin = S("proofline/" INSTANCE "/1"), name;
  SignKey key, again;
  sign_key_from_seed(seed, &key);
  Str pub = key_text(cx.arena, origin, key.public);
  assert_str(
      pub,
      "proofline/6f1c2c9e-3a56-4e0b-9b5e-0d8f3c1a7b42/1+44cb2dcd+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4\n");
  TreeHead head = { .size = 3 }, back;
  assert_true(hash_from_hex(S("e2846eb3417bb9b0f98c6ed0731af1469b41fd9ccc3e49568fae1246d5a47e0a"), &head.root));
  Str note = note_make(cx.arena, &key, origin, head);
  assert_str(note, "proofline/6f1c2c9e-3a56-4e0b-9b5e-0d8f3c1a7b42/1\n"
                   "3\n4oRus0F7ubD5jG7QcxrxRptB/ZzMPklWj64SRtWkfgo=\n\n"
                   "\xe2\x80\x94 "
                   "proofline/6f1c2c9e-3a56-4e0b-9b5e-0d8f3c1a7b42/1 "
                   "RMstzTdE2IHHyjGU9VX3aC0X0MhpqLFAH5ictVerkNGnmQOJyuwYEHy9i5xlOtg3a0WR1VYxIGUqsOEzaGfeKQgC1Ac=\n");
  LogKey k;
  assert_true(key_read(cx.arena, pub, &k));
  assert_true(note_valid(cx.arena, note, &k, &back));
  assert_true(back.size == 3 && hash_eq(back.root, head.root));
  assert_true(secret_read(cx.arena, secret_text(cx.arena, origin, seed), &name, &again));
  assert_memory_equal(&again, &key, sizeof key);
  Str witnessed = str_fmt(cx.arena, "%.*s\xe2\x80\x94 witness.example/1 AAAAAAAAAAA=\n", STR(note));
  assert_true(note_valid(cx.arena, witnessed, &k, &back));   /* other signatures do no harm */
  size_t accepted = 0;
  for (size_t bit = 0; bit < note.n * 8; bit++) {            /* no single bit may be wrong */
    char *copy = str_z(cx.arena, note);
    copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
    accepted += note_valid(cx.arena, (Str){ copy, note.n }, &k, &back);
  }
  assert_int_equal(accepted, 0);
  for (size_t n = 0; n < note.n; n++) assert_false(note_valid(cx.arena, str_slice(note, 0, n), &k, &back));
}

/* ---- the rule -------------------------------------------------------------------------------------------------- */

/* T-SIGN.  PROOFLINE_SIGNS says how many requests, in rounds with a log and a key of their own. */
enum { TREES = 3, LEAVES = 64, REQUESTS = 20000 };

typedef struct Forest { Hash leaf[TREES][LEAVES]; } Forest;

static Hash root_of(const Hash *leaf, int64_t n) {
  Tree t = { 0 };
  Hash made[TREE_LEVELS];
  for (int64_t i = 0; i < n; i++) (void)tree_add(&t, leaf[i], made);
  return tree_root(&t);
}

/* SUBPROOF of RFC 6962 2.1.2. */
static void subproof(const Hash *leaf, int64_t m, int64_t n, bool whole, Hash *out, size_t *at) {
  if (m == n) {
    if (!whole) out[(*at)++] = root_of(leaf, n);
    return;
  }
  int64_t k = 1;
  while (k * 2 < n) k *= 2;
  if (m <= k) {
    subproof(leaf, m, k, whole, out, at);
    out[(*at)++] = root_of(leaf + k, n - k);
  } else {
    subproof(leaf + k, m - k, n - k, false, out, at);
    out[(*at)++] = root_of(leaf, k);
  }
}

static uint64_t dice(uint64_t *seed, uint64_t n) {
  *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
  return (*seed >> 33) % n;
}

static Str random_request(Cx *cx, const Forest *f, uint64_t *seed, int64_t signed_size) {
  Buf b = buf_new(cx->arena, SIGNER_MAX_BYTES);
  Hash proof[TREE_LEVELS];
  size_t n = 0;
  /* mostly forks that share a beginning, asked for with the best proof that their owner can make */
  const Hash *leaf = f->leaf[dice(seed, 4) ? 0 : dice(seed, TREES)];
  bool grow = dice(seed, 100) == 0;   /* seldom, so that every size meets many requests */
  int64_t size = grow ? signed_size + 1 : dice(seed, 2) ? signed_size : (int64_t)dice(seed, LEAVES + 1);
  if (size > LEAVES) size = LEAVES;
  bool hostile = size > signed_size && !grow;
  int64_t old = dice(seed, 4) ? signed_size : (int64_t)dice(seed, LEAVES);
  if (old > 0 && old <= size) subproof(leaf, old, size, true, proof, &n);
  Hash root = root_of(leaf, size);
  if (n && (hostile || dice(seed, 8) == 0)) proof[dice(seed, n)].b[0] ^= 1;
  if (dice(seed, 16) == 0) n = dice(seed, TREE_LEVELS);
  if ((hostile && !n) || dice(seed, 16) == 0) root.b[dice(seed, 32)] ^= 1;
  if (dice(seed, 16) == 0) size += (int64_t)dice(seed, 2000) - 1000;
  buf_byte(&b, dice(seed, 64) ? 's' : (char)dice(seed, 256));
  buf_u64le(&b, (uint64_t)size);
  buf_add(&b, hash_bytes(&root));
  for (size_t i = 0; i < n; i++) buf_add(&b, hash_bytes(&proof[i]));
  Str all = buf_str(&b);
  return dice(seed, 32) ? all : str_slice(all, 0, dice(seed, all.n + 1));
}

static Str first_request(Cx *cx, const Forest *f) {
  Buf b = buf_new(cx->arena, 64);
  buf_byte(&b, 's');
  buf_u64le(&b, 1);
  buf_add(&b, hash_bytes(&f->leaf[0][0]));
  return buf_str(&b);
}

typedef struct Tally { size_t granted, refused; int64_t size; } Tally;   /* size: the largest that was signed */

static void sign_round(uint64_t seed, size_t requests, Tally *tally) {
  AUTO(Cx) cx = cx_new(64 << 20);
  AUTO(Cx) keep = cx_new(1 << 20);
  store_close(new_log(&cx, folder, INSTANCE));
  SignerState st;
  assert_ok(signer_load(&cx, folder, keep.arena, &st));
  Forest f;
  for (size_t t = 0; t < TREES; t++)
    for (size_t i = 0; i < LEAVES; i++)
      f.leaf[t][i] = sha256(str_fmt(cx.arena, "%zu/%zu", i < 5 * t + 5 ? (size_t)0 : t, i));
  Hash seen[LEAVES + 1];
  bool has[LEAVES + 1] = { false };
  int64_t last = 0;
  for (size_t i = 0; i < requests; i++) {
    Buf answer = buf_new(cx.arena, NOTE_MAX_BYTES);
    Str request = i ? random_request(&cx, &f, &seed, last)
                    : first_request(&cx, &f); /* an empty log is continued by any */
    assert_ok(signer_answer(&cx, &st, request, &answer));
    Str origin, text;
    TreeHead head;
    if (answer.p[0] == '-') { tally->refused++; cx_reset(&cx); continue; }
    assert_true(note_read(cx.arena, str_slice(buf_str(&answer), 1, answer.n), &origin, &head, &text));
    assert_true(head.size >= last && head.size <= LEAVES);
    if (has[head.size]) assert_true(hash_eq(seen[head.size], head.root));
    has[head.size] = true;
    seen[head.size] = head.root;
    last = head.size;
    tally->granted++;
    cx_reset(&cx);
  }
  if (last > tally->size) tally->size = last;
  SignerState again;   /* what is on disk is what was answered last */
  assert_ok(signer_load(&cx, folder, keep.arena, &again));
  assert_int_equal(again.head.size, last);
  assert_true(hash_eq(again.head.root, seen[last]));
}

static void t_sign_two_roots_are_never_signed(void **state) {
  (void)state;
  const char *how = getenv("PROOFLINE_SIGNS");
  int64_t n = REQUESTS;
  Tally tally = { 0 };
  if (how) assert_true(str_int(str_of(how), &n));
  for (int64_t done = 0; done < n; done += REQUESTS) {
    if (done) { (void)drop_folder(NULL); assert_int_equal(make_folder(NULL), 0); }
    sign_round((uint64_t)done + 1, (size_t)(n - done < REQUESTS ? n - done : REQUESTS), &tally);
  }
  print_message("%zu granted, %zu refused, none wrong, up to size %lld\n", tally.granted, tally.refused,
                (long long)tally.size);
  assert_int_equal(tally.granted + tally.refused, n);
  assert_true(tally.granted > 1000 && tally.refused > 1000 && tally.size > 20);
}

/* ---- checkpoints ----------------------------------------------------------------------------------------------- */

static int64_t last_size(Cx *cx, Store *s) {
  TreeHead head;
  Str note;
  assert_ok(ledger_last_checkpoint(cx, s, &head, &note));
  return head.size;
}

static void heads_are_signed_by_another_process(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = new_log(&cx, folder, INSTANCE);
  struct stat st;
  assert_int_equal(stat(signer_path(cx.arena, folder, "key"), &st), 0);
  assert_int_equal(st.st_mode & 0777, 0400);
  assert_int_equal(stat(str_fmt(cx.arena, "%s/signer", folder).p, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0700);
  assert_int_equal(signer_create(&cx, folder, S("proofline/x/1")), E_CONFLICT);
  cx_forgive(&cx);
  Signer signer;
  assert_ok(signer_fork(&cx, folder, &signer));
  assert_ok(ledger_checkpoint(&cx, s, &signer));
  assert_int_equal(last_size(&cx, s), 0);
  for (int round = 0; round < 3; round++) {
    assert_ok(four(&cx, s, round));
    assert_ok(ledger_checkpoint(&cx, s, &signer));
    assert_ok(ledger_checkpoint(&cx, s, &signer));
    assert_int_equal(last_size(&cx, s), 4 * round + 4);
  }
  (void)kill(signer.pid, SIGKILL);
  assert_ok(four(&cx, s, 3));
  assert_int_equal(ledger_checkpoint(&cx, s, &signer), E_BUSY);
  cx_forgive(&cx);
  assert_int_equal(last_size(&cx, s), 12);
  signer_close(&signer);
  assert_ok(signer_fork(&cx, folder, &signer));
  assert_ok(ledger_checkpoint(&cx, s, &signer));
  signer_close(&signer);
  VerifyReport report;
  assert_ok(ledger_verify(&cx, s, &kit_part, 1, &report));
  assert_int_equal(report.findings.n, 0);
  assert_int_equal(report.signatures_valid, 4);
  store_close(s);
}

/* The signer signed and the process died before it kept the note: the next one keeps both. */
static void a_note_lost_in_a_crash_comes_back(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = new_log(&cx, folder, INSTANCE);
  Signer signer;
  assert_ok(signer_fork(&cx, folder, &signer));
  assert_ok(four(&cx, s, 0));
  store_fault(s, FAULT_COMMIT, 1, E_FULL, false);
  assert_int_equal(ledger_checkpoint(&cx, s, &signer), E_FULL);
  cx_forgive(&cx);
  store_fault(s, FAULT_ANY, 0, E_OK, false);
  assert_int_equal(last_size(&cx, s), 0);
  VerifyReport report;
  assert_ok(ledger_verify(&cx, s, &kit_part, 1, &report));
  assert_int_equal(report.findings.n, 0);
  assert_ok(four(&cx, s, 1));
  assert_ok(ledger_checkpoint(&cx, s, &signer));
  assert_int_equal(last_size(&cx, s), 8);
  assert_ok(ledger_verify(&cx, s, &kit_part, 1, &report));
  assert_int_equal(report.findings.n, 0);
  assert_int_equal(report.signatures_valid, 2);
  signer_close(&signer);
  store_close(s);
}

static void a_rolled_back_store_is_not_signed(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = new_log(&cx, folder, INSTANCE);
  Signer signer;
  assert_ok(signer_fork(&cx, folder, &signer));
  assert_ok(four(&cx, s, 0));
  assert_ok(ledger_checkpoint(&cx, s, &signer));
  const char *old = str_fmt(cx.arena, "%s/old.db", folder).p;
  assert_ok(store_backup(&cx, s, old));
  assert_ok(four(&cx, s, 1));
  assert_ok(ledger_checkpoint(&cx, s, &signer));
  store_close(s);
  assert_int_equal(rename(old, str_fmt(cx.arena, "%s/proofline.db", folder).p), 0);
  assert_ok(store_open(&cx, folder, STORE_WRITE, &s));
  assert_ok(four(&cx, s, 1));                      /* the same size again, with other content (salts) */
  assert_int_equal(ledger_checkpoint(&cx, s, &signer), E_INTEGRITY);
  cx_forgive(&cx);
  assert_ok(four(&cx, s, 2));
  assert_int_equal(ledger_checkpoint(&cx, s, &signer), E_INTEGRITY);
  signer_close(&signer);
  store_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, drop_folder)

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(notes_are_c2sp), TEST(t_sign_two_roots_are_never_signed),
    TEST(heads_are_signed_by_another_process), TEST(a_note_lost_in_a_crash_comes_back),
    TEST(a_rolled_back_store_is_not_signed),
  };
  return cmocka_run_group_tests_name("signer", tests, NULL, NULL);
}
