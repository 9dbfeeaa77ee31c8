#include "base/base.h"
#include <stdlib.h>
#include <string.h>

static const struct { const char *name; const char *standard; int64_t least, most; const char *help; } table[] = {
#define X(id, name, def, least, most, help) [id] = { name, def, least, most, help },
  SETTINGS(X)
#undef X
};

const char *setting_name(SettingId id) { return table[id].name; }
const char *setting_help(SettingId id) { return table[id].help; }

void settings_default(Settings *s) {
  memset(s, 0, sizeof *s);
  for (size_t i = 0; i < SETTING_COUNT; i++) {
    s->text[i] = str_of(table[i].standard);
    s->origin[i] = S("default");
    if (table[i].most && !str_int(s->text[i], &s->number[i])) s->number[i] = str_eq(s->text[i], S("yes"));
  }
}

static Err unknown(Cx *cx, Str name) {
  Str names[SETTING_COUNT];
  for (size_t i = 0; i < SETTING_COUNT; i++) names[i] = str_of(table[i].name);
  Str near = str_nearest(name, names, SETTING_COUNT);
  if (near.n) return fail(cx, E_CONFIG, "There is no setting '%.*s'. Did you mean '%.*s'?", STR(name), STR(near));
  return fail(cx, E_CONFIG, "There is no setting '%.*s'. List them with: proofline config", STR(name));
}

Err settings_set(Cx *cx, Settings *s, Str name, Str value, Str origin) {
  size_t i = 0;
  while (i < SETTING_COUNT && !str_eq(name, str_of(table[i].name))) i++;
  if (i == SETTING_COUNT) return unknown(cx, name);
  if (table[i].most) {
    int64_t v = 0;
    bool word = table[i].most == 1 && (str_eq(value, S("yes")) || str_eq(value, S("no")));
    if (word) v = str_eq(value, S("yes"));
    if ((!word && !str_int(value, &v)) || v < table[i].least || v > table[i].most)
      return fail(cx, E_CONFIG, "%s = %.*s: give a whole number from %lld to %lld", table[i].name, STR(value),
                  (long long)table[i].least, (long long)table[i].most);
    s->number[i] = v;
  }
  s->text[i] = value;
  s->origin[i] = origin;
  return E_OK;
}

static Str unquote(Str v) {
  return v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"' ? str_slice(v, 1, v.n - 1) : v;
}

Err settings_file(Cx *cx, Settings *s, const char *path) {
  if (!file_exists(path)) return E_OK;
  Str rest, line, name, value;
  TRY(file_read(cx, path, 256 * 1024, &rest));
  for (int n = 1; str_line(&rest, &line); n++) {
    line = str_trim(line);
    if (!line.n || line.p[0] == '#') continue;
    if (!str_cut(line, '=', &name, &value))
      return fail(cx, E_CONFIG, "%s, line %d: write it as: name = value", path, n);
    Err e = settings_set(cx, s, str_trim(name), unquote(str_trim(value)), str_fmt(cx->arena, "%s:%d", path, n));
    if (e != E_OK) {
      Str why = cx->words;
      cx_forgive(cx);
      return fail(cx, e, "%s, line %d: %.*s", path, n, STR(why));
    }
  }
  return E_OK;
}

Err settings_env(Cx *cx, Settings *s) {
  for (size_t i = 0; i < SETTING_COUNT; i++) {
    Str name = str_fmt(cx->arena, "PROOFLINE_%.*s", STR(str_upper(cx->arena, str_of(table[i].name))));
    const char *value = getenv(str_z(cx->arena, name));
    if (value) TRY(settings_set(cx, s, str_of(table[i].name), str_of(value), S("environment")));
  }
  return E_OK;
}
