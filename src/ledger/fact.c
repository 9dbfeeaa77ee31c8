/* Digests of tables that machines fill.
 *
 * Encoding: "proofline.fact/1", 0x00; for each row 'R', the number of columns (u32), and for each column one tag byte
 * and its value: 'n'; 'i' and 8 bytes; 't' or 'b', the length (u64) and the bytes; at the end 'E' and the number of
 * rows (u64). Numbers are little-endian.  Every value carries its kind and length, so two different sets of rows
 * never give one text. */
#include "inside.h"

enum { CHUNK = 64 * 1024 };

static void flush(Buf *b, Sha256 *h) {
  sha256_add(h, buf_str(b));
  buf_clear(b);
}

static void put_value(Buf *b, Sha256 *h, Val v) {
  static const char tags[] = { [V_NULL] = 'n', [V_INT] = 'i', [V_TEXT] = 't', [V_BYTES] = 'b' };
  buf_byte(b, tags[v.kind]);
  if (v.kind == V_INT) buf_u64le(b, (uint64_t)v.i);
  if (v.kind == V_INT || v.kind == V_NULL) return;
  buf_u64le(b, v.s.n);
  if (v.s.n > CHUNK) {
    flush(b, h);
    sha256_add(h, v.s);
    return;
  }
  buf_add(b, v.s);
}

static Err feed(Cx *cx, Store *s, const Fact *f, Str key, Buf *b, Sha256 *h) {
  AUTO(Rows) r = { 0 };
  uint64_t rows = 0;
  buf_add(b, S("proofline.fact/1\0"));
  TRY(store_rows(cx, s, f->rows, ARGS(v_text(key)), &r));
  for (;; rows++) {
    bool got;
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    int n = row_columns(&r);
    buf_byte(b, 'R');
    buf_u32le(b, (uint32_t)n);
    for (int c = 0; c < n; c++) {
      put_value(b, h, row_val(&r, c));
      if (b->n > CHUNK) flush(b, h);
    }
  }
  buf_byte(b, 'E');
  buf_u64le(b, rows);
  flush(b, h);
  return E_OK;
}

Err ledger_fact(Cx *cx, Store *s, const Fact *f, Str key, Hash *out) {
  ArenaMark mark = arena_mark(cx->arena);
  Buf b = buf_new(cx->arena, 4 * CHUNK);
  Sha256 *h = sha256_new(cx->arena);
  Err e = feed(cx, s, f, key, &b, h);
  Hash digest = sha256_end(h);
  if (e != E_OK) return e;
  arena_release(cx->arena, mark);
  *out = digest;
  return E_OK;
}

Err ledger_fact_entry(Cx *cx, Store *s, const Fact *f, Str key, const Entry *e, int64_t *seq) {
  Entry entry = *e;
  Str last;
  entry.obj = str_fmt(cx->arena, "%s:%.*s", f->name, STR(key));
  TRY(object_last(cx, s, entry.obj, &last));
  entry.prev_hash = (Hash){ { 0 } };
  if (last.n && !hash_from_hex(last, &entry.prev_hash))
    return fail(cx, E_INTEGRITY, "The last entry of %.*s cannot be read. Run: proofline verify --all", STR(entry.obj));
  TRY(ledger_fact(cx, s, f, key, &entry.new_hash));
  return ledger_append(cx, s, &entry, seq);
}
