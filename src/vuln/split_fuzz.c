/* Whatever a source answers: it is refused in words, or taken apart into records that a pack gives back unchanged and
 * that a second intake of the same bytes knows. */
#include "vuln/archive.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  if (size > 1 << 20 || crypto_start(&cx) != E_OK) return 0;
  Buf spool = buf_new(cx.arena, 2 << 20);
  buf_u32le(&spool, 1);
  buf_u64le(&spool, size);
  buf_byte(&spool, 'x');
  buf_add(&spool, (Str){ (const char *)data, size });
  ArchiveState state = archive_state(cx.arena);
  IntakeAsk ask = { ~0u, true, &state };
  Intake first, again;
  Pack p;
  if (intake_split_here(&cx, &ask, buf_str(&spool), &first) != E_OK) {
    assert(cx.words.n);
    return 0;
  }
  if (!first.pack.n) return 0;
  Err e = pack_open(&cx, first.pack, &p);
  assert(e == E_OK && (int64_t)p.n == first.fresh);
  archive_fold(&state, &p);
  e = intake_split_here(&cx, &ask, buf_str(&spool), &again);
  assert(e == E_OK && !again.fresh && !again.gone && again.records == first.records);
  Arena *record = arena_new(256u << 20), *keep = arena_new(256u << 20);
  Feed f = feed_new(record, keep);
  PackReader r = pack_reader(cx.arena, &p);
  for (size_t i = 0; i < p.n; i++) {
    Str s;
    e = pack_record(&cx, &r, &p.record[i], &s);
    assert(e == E_OK);
    e = feed_file(&cx, &f, p.record[i].name, s);
    assert(e == E_OK);
  }
  arena_free(record);
  arena_free(keep);
  return 0;
}
