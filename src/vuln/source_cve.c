/* source_cve.c - the CVE list: the whole archive once, then the records that cves/deltaLog.json names. */
#include "vuln/source.h"

typedef struct Delta {
  Str since;
} Delta;

static void put_ids(Cx *cx, JVal *list, Map *seen, Buf *out) {
  JSON_EACH(one, list) {
    Str id = json_text(one, "cveId");
    if (!cve_number(id) || map_get(seen, id) != MAP_NONE) continue;
    map_put(seen, str_dup(cx->arena, id), 1);
    buf_add(out, id);
    buf_byte(out, '\n');
  }
}

/* In the jail: "newest\noldest\n" and the ids that changed since. */
static Err read_log(Cx *cx, void *env, Str text, Buf *answer) {
  const Delta *d = env;
  Str newest = STR_NONE, oldest = STR_NONE;
  JVal *root;
  JsonLimits limits = JSON_DOCUMENT;
  limits.max_bytes = LIST_MOST;
  TRY(json_read(cx, text, &limits, &root));
  Buf ids = buf_new(cx->arena, 64 << 20);
  Map seen = map_new(cx->arena, 1024);
  JSON_EACH(entry, root) {
    Str at = json_text(entry, "fetchTime");
    if (!at.n) continue;
    if (str_cmp(at, newest) > 0) newest = at;
    if (!oldest.n || str_cmp(at, oldest) < 0) oldest = at;
    if (str_cmp(at, d->since) <= 0) continue;
    put_ids(cx, json_get(entry, "new"), &seen, &ids);
    put_ids(cx, json_get(entry, "updated"), &seen, &ids);
  }
  if (!newest.n) return fail(cx, E_FEED, "cves/deltaLog.json names no change at all. The old snapshot is kept");
  buf_add(answer, newest);
  buf_byte(answer, '\n');
  buf_add(answer, oldest);
  buf_byte(answer, '\n');
  buf_add(answer, buf_str(&ids));
  return E_OK;
}

/* cves/2024/3xxx/CVE-2024-3094.json */
static Str place_of(Cx *cx, Str id) {
  Str year, number;
  str_cut(str_slice(id, 4, id.n), '-', &year, &number);
  Str thousand = number.n > 3 ? str_slice(number, 0, number.n - 3) : S("0");
  return str_fmt(cx->arena, "cves/%.*s/%.*sxxx/%.*s.json", STR(year), STR(thousand), STR(id));
}

Err pull_cve(Pull *p) {
  Str log, answer, newest, oldest, id;
  Delta d = { p->cursor };
  JailLimits limits = JAIL_STANDARD;
  limits.memory_bytes = (size_t)2 << 30;
  TRY(pull_text(p, url_join(p->cx, p->url, S("cves/deltaLog.json")), LIST_MOST, &log));
  Err e = jail_run(p->cx, &limits, read_log, &d, log, &answer);
  if (e == E_UNREADABLE) {
    Str words = p->cx->words;
    cx_forgive(p->cx);
    return fail(p->cx, E_FEED, "cves/deltaLog.json cannot be used: %.*s. The old snapshot is kept", STR(words));
  }
  TRY(e);
  (void)str_line(&answer, &newest);
  (void)str_line(&answer, &oldest);
  int64_t n = 0;
  for (size_t i = 0; i < answer.n; i++) n += answer.p[i] == '\n';
  p->next = newest;
  p->full = !p->cursor.n || str_cmp(oldest, p->cursor) > 0 || n > DELTA_MOST; /* a gap: the log reaches not so far */
  if (p->full) {
    FetchAnswer a;
    return pull_file(p, p->scope, WHOLE_MOST, STR_NONE, &a);
  }
  p->unchanged = !n;
  while (str_line(&answer, &id)) {
    FetchAnswer a;
    TRY(pull_file(p, url_join(p->cx, p->url, place_of(p->cx, id)), RECORD_MOST, STR_NONE, &a));
  }
  p->unchanged = !n;
  return E_OK;
}
