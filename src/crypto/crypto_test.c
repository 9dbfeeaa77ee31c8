/* Known answers: FIPS 180-4, RFC 4231, RFC 6962, RFC 8032, RFC 4648; Wycheproof for hostile signatures. */
#include "crypto/crypto.h"
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

#define assert_str(a, z) assert_true(str_eq((a), str_of(z)))

static int start(void **state) {
  static Cx cx;
  cx = cx_new(64 << 20);
  *state = &cx;
  return crypto_start(&cx) == E_OK ? 0 : -1;
}

static int stop(void **state) {
  cx_free(*state);
  return 0;
}

static Str unhex(Arena *a, const char *hex) {
  size_t n = strlen(hex) / 2;
  uint8_t *p = arena_alloc(a, n);
  for (size_t i = 0; i < n; i++) {
    unsigned byte = 0;
    (void)sscanf(hex + 2 * i, "%2x", &byte);
    p[i] = (uint8_t)byte;
  }
  return (Str){ (const char *)p, n };
}

static void hashes_match_the_standard(void **state) {
  Cx *cx = *state;
  static const char *const cases[][2] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    Str text = str_of(cases[i][0]);
    Hash h = sha256(text), back;
    assert_str(hash_hex(cx->arena, h), cases[i][1]);
    assert_true(hash_from_hex(str_of(cases[i][1]), &back));
    assert_true(hash_eq(h, back));
    Sha256 *s = sha256_new(cx->arena);
    for (size_t k = 0; k < text.n; k++) sha256_add(s, str_slice(text, k, k + 1));
    assert_true(hash_eq(sha256_end(s), h));
  }
  Sha256 *s = sha256_new(cx->arena);   /* a million times "a" */
  char block[1000];
  memset(block, 'a', sizeof block);
  for (int i = 0; i < 1000; i++) sha256_add(s, (Str){ block, sizeof block });
  assert_str(hash_hex(cx->arena, sha256_end(s)), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void merkle_hashes_match_certificate_transparency(void **state) {
  Cx *cx = *state;
  Hash leaf = sha256_one(0, S(""));   /* the leaf hash of an empty entry, RFC 6962 2.1 */
  assert_str(hash_hex(cx->arena, leaf), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  Hash second = sha256_one(0, (Str){ "\0", 1 });
  Hash root = sha256_two(1, hash_bytes(&leaf), hash_bytes(&second));
  assert_str(hash_hex(cx->arena, root), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}

static void hmac_matches_rfc_4231(void **state) {
  Cx *cx = *state;
  static const char *const cases[][3] = {
    { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
    { "4a656665", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    assert_str(hash_hex(cx->arena, hmac_sha256(unhex(cx->arena, cases[i][0]), str_of(cases[i][1]))), cases[i][2]);
  assert_str(hash_hex(cx->arena, hmac_sha256(STR_NONE, STR_NONE)),
             "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* Another byte in any place is other bytes or none: what is signed in base64 cannot be written otherwise. */
static void bytes_have_one_base64(void **state) {
  Cx *cx = *state;
  char text[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/////Ag==";
  Str all = { text, sizeof text - 1 }, bytes, back;
  assert_true(base64_read(cx->arena, all, &bytes));
  for (size_t i = 0; i < all.n; i++) {
    char was = text[i];
    for (int c = 0; c < 256; c++) {
      text[i] = (char)c;
      if (text[i] != was) assert_false(base64_read(cx->arena, all, &back) && str_eq(back, bytes));
    }
    text[i] = was;
  }
}

static void text_forms_go_both_ways(void **state) {
  Cx *cx = *state;
  static const char *const cases[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
                                          { "foob", "Zm9vYg==" }, { "foobar", "Zm9vYmFy" } };
  Str back;
  for (size_t i = 0; i < COUNT(cases); i++) {
    assert_str(base64(cx->arena, str_of(cases[i][0])), cases[i][1]);
    assert_true(base64_read(cx->arena, str_of(cases[i][1]), &back));
    assert_str(back, cases[i][0]);
  }
  static const char *const bad[] = { "Zg",    "Zg=",    "Zg===", "Zh==",     "Z===", "====",
                                     "Zm 9v", "Zm9v\n", "Zm9vZ", "Zg==Zg==", "Zm-_" };
  for (size_t i = 0; i < COUNT(bad); i++) assert_false(base64_read(cx->arena, str_of(bad[i]), &back));
  Hash h;
  assert_false(hash_from_hex(S("e3b0c4"), &h));
  assert_false(hash_from_hex(S("g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), &h));
  Str one = random_hex(cx->arena, 16), two = random_hex(cx->arena, 16);
  assert_int_equal(one.n, 32);
  assert_false(str_eq(one, two));
  assert_true(bytes_eq_secret(one, str_dup(cx->arena, one)));
  assert_false(bytes_eq_secret(one, two));
  assert_false(bytes_eq_secret(one, str_slice(one, 0, 31)));
}

static void signatures_match_rfc_8032(void **state) {
  Cx *cx = *state;
  static const char *const cases[][4] = {   /* seed, public key, message, signature: 7.1 tests 1 and 3 */
    { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
      "d25bf5f0595bbe24655141438e7a100b" },
    { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
      "4a7c15e9716ed28dc027beceea1ec40a" },
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    SignKey k;
    uint8_t signature[64];
    Str message = unhex(cx->arena, cases[i][2]);
    sign_key_from_seed((const uint8_t *)unhex(cx->arena, cases[i][0]).p, &k);
    assert_memory_equal(k.public, unhex(cx->arena, cases[i][1]).p, 32);
    sign_message(&k, message, signature);
    assert_memory_equal(signature, unhex(cx->arena, cases[i][3]).p, 64);
    assert_true(sign_check(k.public, message, signature));
    assert_false(sign_check(k.public, S("another message"), signature));
    signature[7] ^= 1;
    assert_false(sign_check(k.public, message, signature));
  }
}

/* Every test of a file of Project Wycheproof; gives their number. */
typedef bool WycheproofCheck(Cx *cx, yyjson_val *group, yyjson_val *test);

static size_t wycheproof(Cx *cx, const char *file, WycheproofCheck *check) {
  const char *data = getenv("PROOFLINE_DATA");
  if (!data || !*data) { print_message("skipped: PROOFLINE_DATA is not set\n"); skip(); }
  Str path = str_fmt(cx->arena, "%s/crypto/wycheproof/testvectors_v1/%s", data, file);
  yyjson_doc *doc = yyjson_read_file(str_z(cx->arena, path), 0, NULL, NULL);
  assert_non_null(doc);
  yyjson_val *root = yyjson_doc_get_root(doc), *groups = yyjson_obj_get(root, "testGroups"), *group, *test;
  size_t i, n, k, m, run = 0;
  yyjson_arr_foreach(groups, i, n, group) {
    yyjson_arr_foreach(yyjson_obj_get(group, "tests"), k, m, test) {
      bool valid = strcmp(yyjson_get_str(yyjson_obj_get(test, "result")), "valid") == 0;
      bool ours = check(cx, group, test);
      if (ours != valid) print_message("%s: tcId %d\n", file, yyjson_get_int(yyjson_obj_get(test, "tcId")));
      assert_int_equal(ours, valid);
      run++;
    }
  }
  assert_int_equal(run, yyjson_get_uint(yyjson_obj_get(root, "numberOfTests")));
  yyjson_doc_free(doc);
  print_message("%s: %zu\n", file, run);
  return run;
}

static Str hex_in(Cx *cx, yyjson_val *object, const char *name) {
  return unhex(cx->arena, yyjson_get_str(yyjson_obj_get(object, name)));
}

static bool ed25519_check(Cx *cx, yyjson_val *group, yyjson_val *test) {
  Str pk = hex_in(cx, yyjson_obj_get(group, "publicKey"), "pk"), signature = hex_in(cx, test, "sig");
  assert_int_equal(pk.n, 32);
  return signature.n == 64 &&
         sign_check((const uint8_t *)pk.p, hex_in(cx, test, "msg"), (const uint8_t *)signature.p);
}

static void hostile_signatures_are_refused(void **state) {
  assert_true(wycheproof(*state, "ed25519_test.json", ed25519_check) > 100);
}

static bool hmac_check(Cx *cx, yyjson_val *group, yyjson_val *test) {
  (void)group;
  Hash h = hmac_sha256(hex_in(cx, test, "key"), hex_in(cx, test, "msg"));
  Str tag = hex_in(cx, test, "tag");   /* some are the first bytes alone */
  return tag.n <= 32 && bytes_eq_secret(str_slice(hash_bytes(&h), 0, tag.n), tag);
}

static void hostile_tags_are_refused(void **state) {
  assert_true(wycheproof(*state, "hmac_sha256_test.json", hmac_check) > 100);
}

/* Timestamp authorities sign with keys like these; the library checks them. */
static bool p256_check(Cx *cx, yyjson_val *group, yyjson_val *test) {
  Str der = hex_in(cx, group, "publicKeyDer"), message = hex_in(cx, test, "msg"), signature = hex_in(cx, test, "sig");
  const uint8_t *at = (const uint8_t *)der.p;
  EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)der.n);
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  bool good = key && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestVerify(ctx, (const uint8_t *)signature.p, signature.n, (const uint8_t *)message.p,
                               message.n) == 1;
  EVP_MD_CTX_free(ctx);
  EVP_PKEY_free(key);
  return good;
}

static void signatures_of_authorities_are_checked(void **state) {
  assert_true(wycheproof(*state, "ecdsa_secp256r1_sha256_test.json", p256_check) > 400);
}

static void passwords_are_checked(void **state) {
  Cx *cx = *state;
  Str phc, again;
  assert_int_equal(password_hash(cx, S("correct horse"), 8192, 2, &phc), E_OK);
  assert_int_equal(password_hash(cx, S("correct horse"), 8192, 2, &again), E_OK);
  assert_true(str_starts(phc, S("$argon2id$v=19$m=8192,t=2,p=1$")));
  assert_false(str_eq(phc, again));
  assert_true(password_check(phc, S("correct horse")));
  assert_false(password_check(phc, S("correct horsf")));
  assert_false(password_check(phc, STR_NONE));
  static const char *const broken[] = { "", "x", "$argon2id$v=19$m=8192,t=2,p=1$c2FsdA",
                                        "$2b$12$abcdefghijklmnopqrstuv" };
  for (size_t i = 0; i < COUNT(broken); i++) assert_false(password_check(str_of(broken[i]), S("correct horse")));
  assert_int_equal(password_hash(cx, S("x"), 4, 2, &phc), E_LIMIT);   /* Argon2 needs 8 KiB a lane */
  cx_forgive(cx);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(hashes_match_the_standard), cmocka_unit_test(merkle_hashes_match_certificate_transparency),
    cmocka_unit_test(hmac_matches_rfc_4231), cmocka_unit_test(text_forms_go_both_ways),
    cmocka_unit_test(bytes_have_one_base64),
    cmocka_unit_test(signatures_match_rfc_8032), cmocka_unit_test(hostile_signatures_are_refused),
    cmocka_unit_test(hostile_tags_are_refused), cmocka_unit_test(signatures_of_authorities_are_checked),
    cmocka_unit_test(passwords_are_checked),
  };
  return cmocka_run_group_tests_name("crypto", tests, start, stop);
}
