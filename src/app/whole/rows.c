/* Rows of a table as lines of JSON: the first names the columns, each further one holds the values of a row. */
#include "app/whole/whole.h"

const JsonLimits whole_file_limits = {
  .max_bytes = 256 << 20, .max_depth = 64, .max_string_bytes = 64 << 20, .max_values = 64 << 20
};

static void put_val(Cx *cx, JsonOut *o, Val v) {
  if (v.kind == V_INT) json_put_int(o, v.i);
  else if (v.kind == V_TEXT) json_put_str(o, v.s);
  else if (v.kind == V_NULL) json_put_null(o);
  else {
    json_object(o);
    json_pair(o, "base64", base64(cx->arena, v.s));
    json_object_end(o);
  }
}

Err whole_rows_write(Cx *cx, Store *s, const char *name, Buf *b, int64_t *count) {
  AUTO(Rows) rows = { 0 };
  Str *columns;
  size_t n;
  TRY(store_table_columns(cx, s, str_of(name), &columns, &n));
  JsonOut o = json_out(b, false);
  json_array(&o);
  for (size_t i = 0; i < n; i++) json_put_str(&o, columns[i]);
  json_array_end(&o);
  buf_byte(b, '\n');
  TRY(store_table_rows(cx, s, str_of(name), &rows));
  for (bool got;;) {
    TRY(rows_next(cx, &rows, &got));
    if (!got) return E_OK;
    o = json_out(b, false);
    json_array(&o);
    for (int c = 0; c < row_columns(&rows); c++) put_val(cx, &o, row_val(&rows, c));
    json_array_end(&o);
    buf_byte(b, '\n');
    (*count)++;
  }
}

static Err take_val(Cx *cx, JVal *j, Val *out) {
  Str bytes = STR_NONE;
  if (yyjson_is_null(j)) *out = v_null();
  else if (yyjson_is_int(j)) *out = v_int(yyjson_get_sint(j));
  else if (yyjson_is_str(j)) *out = v_text(json_str(j));
  else if (yyjson_is_obj(j) && base64_read(cx->arena, json_text(j, "base64"), &bytes)) *out = v_bytes(bytes);
  else return fail(cx, E_INVALID, "a value is neither text, number, null nor base64");
  return E_OK;
}

static Err take_row(Cx *cx, Store *s, Str table, JVal *row) {
  size_t n = 0;
  Val *vals = NEW_ARRAY(cx->arena, yyjson_arr_size(row) + 1, Val);
  JSON_EACH(v, row) TRY(take_val(cx, v, &vals[n++]));
  return store_table_add(cx, s, table, vals, n);
}

static Err same_columns(Cx *cx, Store *s, Str table, JVal *head) {
  Str *names;
  size_t n, i = 0;
  TRY(store_table_columns(cx, s, table, &names, &n));
  JSON_EACH(c, head)
  if (i >= n || !str_eq(json_str(c), names[i++]))
    return fail(cx, E_INVALID, "its columns are not those of this version of Proofline");
  return i == n ? E_OK : fail(cx, E_INVALID, "its columns are not those of this version of Proofline");
}

Err whole_rows_read(Cx *cx, Store *s, Str table, Str text) {
  Str line;
  for (bool first = true; str_line(&text, &line); first = false) {
    JVal *j;
    ArenaMark mark = arena_mark(cx->arena);
    TRY(json_read(cx, line, &whole_file_limits, &j));
    TRY(first ? same_columns(cx, s, table, j) : take_row(cx, s, table, j));
    arena_release(cx->arena, mark);
  }
  return E_OK;
}
