/* Streams to an offline key: they come back whole, or not at all. */
#include "crypto/crypto.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#undef fail

enum { PARTS = 3 };
typedef struct Sent {
  BoxKey key;
  uint8_t head[STREAM_HEAD];
  uint8_t part[PARTS][64 + STREAM_OVER];
  size_t n[PARTS];
} Sent;

static const char *const texts[PARTS] = { "the first part", "", "the last part" };

static Stream *send_all(Arena *a, Sent *s) {
  box_key_new(&s->key);
  Stream *out = stream_seal(a, s->key.public, s->head);
  assert_non_null(out);
  for (size_t i = 0; i < PARTS; i++) {
    Str plain = str_of(texts[i]);
    s->n[i] = plain.n + STREAM_OVER;
    stream_put(out, plain, i ? S("") : S("about"), i == PARTS - 1, s->part[i]);
  }
  return out;
}

/* How many parts come back as they were, and whether the end was seen. */
static size_t receive(Stream *in, Sent *s, Str about, bool *ended) {
  *ended = false;
  for (size_t i = 0; i < PARTS; i++) {
    uint8_t out[64];
    Str sealed = { (const char *)s->part[i], s->n[i] };
    if (!stream_get(in, sealed, i ? S("") : about, out, ended)) return i;
    assert_memory_equal(out, texts[i], s->n[i] - STREAM_OVER);
  }
  return PARTS;
}

static void comes_back(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  Sent s = { 0 };
  bool ended;
  BoxKey again;
  Stream *out = send_all(cx.arena, &s);
  assert_true(box_key_of(s.key.secret, &again));
  assert_memory_equal(again.public, s.key.public, 32);
  assert_int_equal(receive(stream_open(cx.arena, &again, s.head), &s, S("about"), &ended), PARTS);
  assert_true(ended);
  assert_int_equal(receive(stream_reopen(cx.arena, out, s.head), &s, S("about"), &ended), PARTS);
  stream_end(out);
  stream_end(NULL);
}

static void another_key(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  Sent s = { 0 };
  BoxKey other;
  (void)send_all(cx.arena, &s);
  box_key_new(&other);
  assert_null(stream_open(cx.arena, &other, s.head));
}

/* Each bit of head and parts, other words about it, parts in another order, a part left out. */
static void what_was_changed(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(32 << 20);
  Sent s = { 0 };
  bool ended;
  (void)send_all(cx.arena, &s);
  for (size_t bit = 0; bit < sizeof s.head * 8; bit++) {
    s.head[bit / 8] ^= (uint8_t)(1u << bit % 8);
    Stream *in = stream_open(cx.arena, &s.key, s.head);
    if (in) assert_int_equal(receive(in, &s, S("about"), &ended), 0);
    s.head[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  for (size_t p = 0; p < PARTS; p++)
    for (size_t bit = 0; bit < s.n[p] * 8; bit++) {
      s.part[p][bit / 8] ^= (uint8_t)(1u << bit % 8);
      assert_int_equal(receive(stream_open(cx.arena, &s.key, s.head), &s, S("about"), &ended), p);
      assert_false(ended);
      s.part[p][bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
  assert_int_equal(receive(stream_open(cx.arena, &s.key, s.head), &s, S("abouT"), &ended), 0);
  Sent swapped = s;
  memcpy(swapped.part[1], s.part[2], sizeof s.part[2]);
  swapped.n[1] = s.n[2];
  assert_int_equal(receive(stream_open(cx.arena, &s.key, s.head), &swapped, S("about"), &ended), 1);
}

int main(void) {
  AUTO(Cx) cx = cx_new(1 << 20);
  if (crypto_start(&cx) != E_OK) return 1;
  const struct CMUnitTest tests[] = { cmocka_unit_test(comes_back), cmocka_unit_test(another_key),
                                      cmocka_unit_test(what_was_changed) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
