/* source_osv.c - OSV's bucket: ECOSYSTEM/all.zip once, then the records that ECOSYSTEM/modified_id.csv names newest
 * first. */
#include "vuln/source.h"

typedef struct Changes {
  VEC(Str) ids;
  Str newest;
  int64_t total;
} Changes;

/* "2026-08-21T12:52:54Z,GHSA-…" by time, newest first; all of them stand there, so that a halved list shows. */
static Err read_changes(Pull *p, Str list, Str since, Changes *out) {
  Changes c = { 0 };
  for (Str line, time, id; str_line(&list, &line);) {
    int64_t us;
    if (!str_cut(line, ',', &time, &id) || !time_parse(time, &us) || !is_record_name(id))
      return fail(p->cx, E_FEED, "modified_id.csv has a line that is none: \"%.*s\". The old snapshot is kept",
                  STR(str_head(line, 80)));
    c.total++;
    if (str_cmp(time, c.newest) > 0) c.newest = time;
    if (str_cmp(time, since) > 0) vec_add(p->cx->arena, &c.ids, id);
  }
  *out = c;
  return E_OK;
}

static Err one_ecosystem(Pull *p, Str name, Buf *next, bool *full, int64_t *taken) {
  Str base = url_join(p->cx, p->url, url_word(p->cx, name)), list, before, count;
  int64_t total = 0;
  Changes c = { 0 };
  str_cut(cursor_get(p->cursor, name), '\t', &before, &count);
  (void)str_int(count, &total);
  TRY(pull_text(p, url_join(p->cx, base, S("modified_id.csv")), LIST_MOST, &list));
  TRY(read_changes(p, list, before, &c));
  TRY(list_whole(p, name, c.total, total));
  buf_fmt(next, "%.*s\t%.*s\t%lld\n", STR(name), STR(c.newest), (long long)c.total);
  *full = !before.n || c.ids.n > DELTA_MOST;
  *taken += *full ? 1 : (int64_t)c.ids.n;
  if (*full) {
    FetchAnswer a;
    return pull_file(p, url_join(p->cx, base, S("all.zip")), WHOLE_MOST, STR_NONE, &a);
  }
  for (size_t i = 0; i < c.ids.n; i++) {
    FetchAnswer a;
    TRY(pull_file(p, url_join(p->cx, base, str_fmt(p->cx->arena, "%.*s.json", STR(c.ids.p[i]))), RECORD_MOST,
                  STR_NONE, &a));
  }
  return E_OK;
}

Err pull_osv(Pull *p) {
  Str list = p->scope, name;
  Buf next = buf_new(p->cx->arena, 64 << 10);
  bool all = true;
  int64_t taken = 0;
  if (str_eq(list, S("all"))) {
    TRY(pull_text(p, url_join(p->cx, p->url, S("ecosystems.txt")), 1 << 20, &list));
    list = str_replace(p->cx->arena, list, '\n', ',');
  }
  while (list.n) {
    bool full = false;
    str_cut(list, ',', &name, &list);
    name = str_trim(name);
    if (!name.n) continue;
    TRY(one_ecosystem(p, name, &next, &full, &taken));
    all &= full;
  }
  p->full = all;
  p->next = buf_str(&next);
  p->unchanged = !taken;
  return E_OK;
}
