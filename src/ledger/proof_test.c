/* Proofs: against a plain recursive reading of RFC 6962, and against the vectors of transparency-dev. */
#include "fixture.h"
#include <dirent.h>

enum { N = 130 };

static char folder[64];

static int make_folder(void **state) {
  (void)state;
  (void)snprintf(folder, sizeof folder, "/tmp/proof_test.XXXXXX");
  return mkdtemp(folder) ? 0 : 1;
}

static int drop_folder(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  remove_folder(&cx, folder);
  return 0;
}

/* MTH of RFC 6962 2.1, word for word. */
static Hash plain_root(const Hash *leaf, int64_t n) {
  if (n == 0) return sha256(S(""));
  if (n == 1) return leaf[0];
  int64_t k = 1;
  while (k * 2 < n) k *= 2;
  return node_hash(plain_root(leaf, k), plain_root(leaf + k, n - k));
}

static void spoil(Proof *p, size_t i) { p->hash[i].b[i % 32] ^= 1; }

static void check_inclusion(Cx *cx, Store *s, const Hash *leaf, int64_t seq, int64_t size) {
  Proof p;
  Hash root = plain_root(leaf, size);
  assert_ok(ledger_inclusion(cx, s, seq, size, &p));
  assert_true(proof_inclusion_ok(seq, size, leaf[seq], &p, root));
  assert_false(proof_inclusion_ok(seq, size, leaf[(seq + 1) % N], &p, root));
  assert_false(proof_inclusion_ok(size, size, leaf[seq], &p, root));
  if (!p.n) return;
  spoil(&p, (size_t)seq % p.n);
  assert_false(proof_inclusion_ok(seq, size, leaf[seq], &p, root));
  spoil(&p, (size_t)seq % p.n);
  p.n--;
  assert_false(proof_inclusion_ok(seq, size, leaf[seq], &p, root));
}

static void check_consistency(Cx *cx, Store *s, const Hash *leaf, int64_t old_size, int64_t new_size) {
  Proof p;
  Hash a = plain_root(leaf, old_size), b = plain_root(leaf, new_size);
  assert_ok(ledger_consistency(cx, s, old_size, new_size, &p));
  assert_true(proof_consistency_ok(old_size, new_size, &p, a, b));
  if (old_size == new_size) return;
  assert_false(proof_consistency_ok(old_size, new_size, &p, b, a));
  assert_false(proof_consistency_ok(new_size, old_size, &p, a, b));
  if (!p.n) return;
  spoil(&p, (size_t)old_size % p.n);
  assert_false(proof_consistency_ok(old_size, new_size, &p, a, b));
}

static void proofs_of_every_size(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(256 << 20);
  Store *s = new_log(&cx, folder, INSTANCE);
  Hash leaf[N];
  assert_ok(store_begin(&cx, s));
  for (int i = 0; i < N; i++) {
    Entry e = an_entry("t", "x", T0 + i);
    assert_ok(ledger_append(&cx, s, &e, NULL));
    TreeHead head;
    LogRows rows;
    assert_ok(ledger_entries(&cx, s, STR_NONE, i, i, 1, &rows));
    leaf[i] = rows.p[0].hash;
    assert_ok(ledger_head(&cx, s, &head));
    assert_true(hash_eq(head.root, plain_root(leaf, i + 1)));
  }
  assert_ok(store_commit(&cx, s));
  for (int64_t size = 1; size <= N; size++) {
    ArenaMark mark = arena_mark(cx.arena);
    for (int64_t seq = 0; seq < size; seq++) check_inclusion(&cx, s, leaf, seq, size);
    for (int64_t old = 1; old <= size; old++) check_consistency(&cx, s, leaf, old, size);
    arena_release(cx.arena, mark);
  }
  Proof p;
  assert_int_equal(ledger_inclusion(&cx, s, N, N, &p), E_INVALID);
  cx_forgive(&cx);
  assert_int_equal(ledger_inclusion(&cx, s, 0, N + 1, &p), E_INVALID);
  cx_forgive(&cx);
  assert_int_equal(ledger_consistency(&cx, s, 3, 2, &p), E_INVALID);
  store_close(s);
}

/* ---- vectors --------------------------------------------------------------------------------------------------- */

typedef struct Vector { JVal *root; Proof proof; bool readable, want; } Vector;

/* A hash that has not 32 bytes is none of ours: such a vector must be one that is refused. */
static Hash hash_member(Cx *cx, Vector *v, Str text) {
  Hash h = { { 0 } };
  Str bytes;
  if (!text.p || !base64_read(cx->arena, text, &bytes) || !hash_of_bytes(bytes, &h)) v->readable = false;
  return h;
}

static Hash hash_at(Cx *cx, Vector *v, const char *key) { return hash_member(cx, v, json_text(v->root, key)); }

static void read_vector(Cx *cx, const char *path, Vector *v) {
  Str text;
  assert_ok(file_read(cx, path, 1 << 20, &text));
  v->want = str_find(text, S("\"wantErr\": true")) == SIZE_MAX;
  v->readable = json_read(cx, text, &JSON_BODY, &v->root) == E_OK;   /* sizes beyond 2^63 are refused here */
  JVal *list = json_get(v->root, "proof");
  v->proof.hash = NEW_ARRAY(cx->arena, yyjson_arr_size(list) + 1, Hash);
  JSON_EACH(item, list) v->proof.hash[v->proof.n++] = hash_member(cx, v, json_str(item));
}

static bool consistency_answer(Cx *cx, Vector *v) {
  Hash a = hash_at(cx, v, "root1"), b = hash_at(cx, v, "root2");
  return proof_consistency_ok(json_int(v->root, "size1", -1), json_int(v->root, "size2", -1), &v->proof, a, b) &&
         v->readable;
}

static bool inclusion_answer(Cx *cx, Vector *v) {
  Hash leaf = hash_at(cx, v, "leafHash"), root = hash_at(cx, v, "root");
  return proof_inclusion_ok(json_int(v->root, "leafIdx", -1), json_int(v->root, "treeSize", -1), leaf, &v->proof,
                            root) &&
         v->readable;
}

static size_t walk(const char *path, bool (*answer)(Cx *, Vector *), size_t *good) {
  size_t n = 0;
  DIR *dir = opendir(path);
  assert_non_null(dir);
  for (struct dirent *item; (item = readdir(dir)) != NULL;) {
    if (item->d_name[0] == '.') continue;
    AUTO(Cx) cx = cx_new(8 << 20);
    const char *at = str_fmt(cx.arena, "%s/%s", path, item->d_name).p;
    if (!str_ends(str_of(at), S(".json"))) { n += walk(at, answer, good); continue; }
    Vector v = { 0 };
    read_vector(&cx, at, &v);
    bool want = v.want, got = answer(&cx, &v);
    if (want != got) print_message("%s: want %d\n", at, want);
    assert_int_equal(got, want);
    *good += want;
    n++;
  }
  (void)closedir(dir);
  return n;
}

static void published_vectors_agree(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  assert_ok(crypto_start(&cx));
  const char *data = getenv("PROOFLINE_DATA");
  if (!data || !file_exists(str_fmt(cx.arena, "%s/crypto/merkle", data).p)) {
    print_message("skipped: PROOFLINE_DATA names no folder with crypto/merkle\n");
    cx_free(&cx);
    skip();
  }
  size_t good = 0, n;
  n = walk(str_fmt(cx.arena, "%s/crypto/merkle/testdata/consistency", data).p, consistency_answer, &good);
  n += walk(str_fmt(cx.arena, "%s/crypto/merkle/testdata/inclusion", data).p, inclusion_answer, &good);
  print_message("%zu vectors, %zu of them to be accepted\n", n, good);
  assert_true(n >= 90 && good >= 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(proofs_of_every_size, make_folder, drop_folder),
    cmocka_unit_test(published_vectors_agree),
  };
  return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
