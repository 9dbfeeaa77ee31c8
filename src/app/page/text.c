/* Small texts that many pages need. */
#include "app/page/web.h"

Str web_record_url(Cx *cx, Str id) {
  Buf b = buf_new(cx->arena, 1024);
  buf_z(&b, "/r/");
  url_text(&b, id);
  return buf_str(&b);
}

Str web_list_url(Cx *cx, const RecordType *t, Str query) {
  Buf b = buf_new(cx->arena, 4096);
  buf_fmt(&b, "/list/%s", t->name);
  if (query.n) {
    buf_z(&b, "?q=");
    url_text(&b, query);
  }
  return buf_str(&b);
}

const char *state_tone(unsigned flags) { return flags & ST_ACCEPTED ? "ok" : flags & ST_CLOSED ? "line" : "med"; }

Str state_words(Cx *cx, Str state) { return choice_words(cx->arena, state); }

Str initials(Cx *cx, Str name) {
  Buf b = buf_new(cx->arena, 16);
  bool start = true;
  for (size_t i = 0; i < name.n && b.n < 2; i++) {
    unsigned char c = (unsigned char)name.p[i];
    if (start && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) buf_byte(&b, (char)(c & ~0x20));
    start = c == ' ' || c == '-';
  }
  return b.n ? buf_str(&b) : S("?");
}

Str day_text(Cx *cx, int64_t us) {
  static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  Str t = time_text(cx->arena, us); /* 2026-11-22T04:31... */
  int64_t month = 1, day = 1;
  (void)str_int(str_slice(t, 5, 7), &month);
  (void)str_int(str_slice(t, 8, 10), &day);
  bool this_year = str_eq(str_slice(t, 0, 4), str_slice(time_text(cx->arena, cx->now_us), 0, 4));
  if (this_year) return str_fmt(cx->arena, "%d %s %.*s", (int)day, months[month - 1], 5, t.p + 11);
  return str_fmt(cx->arena, "%d %s %.*s", (int)day, months[month - 1], 4, t.p);
}

Str person_name(Cx *cx, Web *web, Str person) { return person.n ? people_name(cx, web->store, person) : STR_NONE; }

Str number_text(Cx *cx, int64_t n) {
  Str plain = str_fmt(cx->arena, "%lld", (long long)n);
  Buf b = buf_new(cx->arena, 64);
  for (size_t i = 0; i < plain.n; i++) {
    if (i && (plain.n - i) % 3 == 0 && plain.p[i - 1] != '-') buf_byte(&b, ',');
    buf_byte(&b, plain.p[i]);
  }
  return buf_str(&b);
}
