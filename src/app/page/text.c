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

Str day_text(Cx *cx, int64_t us) { return time_minute(cx->arena, us); }

Str signed_text(Cx *cx, int64_t us) {
  Str full = time_text(cx->arena, us);
  return str_fmt(cx->arena, "%.*s %.*s UTC", 10, full.p, 8, full.p + 11);
}

Str person_name(Cx *cx, Web *web, Str person) { return person.n ? people_name(cx, web->store, person) : STR_NONE; }

Str person_names(Cx *cx, Web *web, Str persons) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  for (Str one; persons.n;) {
    (void)str_cut(persons, ',', &one, &persons);
    if (b.n) buf_z(&b, ", ");
    buf_add(&b, person_name(cx, web, str_trim(one)));
  }
  return buf_str(&b);
}

Str field_words(Cx *cx, Web *web, const Field *f, const Value *v) {
  Str text = value_text(cx, f, v);
  return f->kind == PERSON ? person_names(cx, web, text) : text;
}

Str change_words_of(Cx *cx, Web *web, const RecordType *t, const char *name, Str text) {
  const Field *f = record_field(t, str_of(name), NULL);
  bool people = f ? f->kind == PERSON : str_eq(str_of(name), S("owner"));
  return people ? person_names(cx, web, text) : text;
}

Str number_text(Cx *cx, int64_t n) {
  Str plain = str_fmt(cx->arena, "%lld", (long long)n);
  Buf b = buf_new(cx->arena, 64);
  for (size_t i = 0; i < plain.n; i++) {
    if (i && (plain.n - i) % 3 == 0 && plain.p[i - 1] != '-') buf_byte(&b, ',');
    buf_byte(&b, plain.p[i]);
  }
  return buf_str(&b);
}
