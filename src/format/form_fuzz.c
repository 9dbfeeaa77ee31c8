/* Forms and URLs: every value lies inside of what was given, or in the arena; the first byte picks the type. */
#include "format/format.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const types[] = { "application/x-www-form-urlencoded", "multipart/form-data; boundary=B",
                                       "multipart/form-data; boundary=\"----x y\"" };
  AUTO(Cx) cx = cx_new((size_t)256 << 20);
  if (!size) return 0;
  Str body = { (const char *)data + 1, size - 1 };
  Form f = { 0 };
  uint64_t sum = 0;
  if (form_read(&cx, str_of(types[data[0] % COUNT(types)]), body, &f) == E_OK)
    for (size_t i = 0; i < f.n; i++) {
      assert(f.field[i].name.p && f.field[i].value.p && f.field[i].value.n <= size);
      sum += str_hash(f.field[i].name) + str_hash(f.field[i].value) + str_hash(f.field[i].file_name);
    }
  cx_forgive(&cx);
  Form whole = { 0 };
  (void)form_read(&cx, body, body, &whole);   /* a hostile Content-Type */
  Buf b = buf_new(cx.arena, 64 << 20);
  url_text(&b, body);
  Str back = STR_NONE;
  cx_forgive(&cx);
  if (str_find_char(body, 0) == SIZE_MAX) {
    Err e = url_decode(&cx, buf_str(&b), false, &back);
    assert(e == E_OK && str_eq(back, body));
  }
  return sum == 1;
}
