/* source_nvd.c - NVD: the API by pages and windows of lastModified, and the yearly files by their .meta. */
#include "vuln/slice.h"
#include "vuln/source.h"
#include <time.h>

enum { PAGE = 2000, WINDOW_DAYS = 120, PAUSE_MS = 6000, KEY_PAUSE_MS = 600, MODIFIED_DAYS = 7 };

/* The head of a page, without reading the advisories: those are for the jail. */
typedef struct PageHead {
  int64_t total, start, results;
  Str stamp;
} PageHead;

static Err page_head(Pull *p, Str body, PageHead *out) {
  PageHead h = { .total = -1, .start = -1, .results = -1 };
  Str text = str_trim(body), key, value;
  if (str_starts(text, S("{")))
    for (Str rest = slice_inside(text); slice_member(&rest, &key, &value);) {
      if (str_eq(key, S("\"totalResults\""))) (void)str_int(value, &h.total);
      if (str_eq(key, S("\"startIndex\""))) (void)str_int(value, &h.start);
      if (str_eq(key, S("\"resultsPerPage\""))) (void)str_int(value, &h.results);
      if (str_eq(key, S("\"timestamp\""))) h.stamp = slice_inside(value);
    }
  if (h.total < 0 || h.start < 0 || h.results < 0 || str_rfind_char(text, '}') != text.n - 1)
    return fail(p->cx, E_FEED,
                "%.*s did not answer with a page of NVD 2.0 (it begins \"%.*s\"). The old snapshot is kept",
                STR(p->url), STR(str_head(text, 40)));
  *out = h;
  return E_OK;
}

/* NVD allows 5 requests in 30 s, 50 with a key; a mirror of one's own has no such rule. */
static void be_polite(const Pull *p) {
  if (!str_starts(p->url, S("https://services.nvd.nist.gov/"))) return;
  int64_t ms = p->set->text[SET_FEED_NVD_KEY].n ? KEY_PAUSE_MS : PAUSE_MS;
  (void)nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static Err pages(Pull *p, Str query, Str *stamp, int64_t *count) {
  Str key = p->set->text[SET_FEED_NVD_KEY],
      header = key.n ? str_fmt(p->cx->arena, "apiKey: %.*s", STR(key)) : STR_NONE;
  for (int64_t start = 0;;) {
    Str url = str_fmt(p->cx->arena, "%.*s?%.*sresultsPerPage=%d&startIndex=%lld", STR(p->url), STR(query), PAGE,
                      (long long)start),
        body;
    PageHead h = { 0 };
    if (p->requests) be_polite(p);
    TRY(pull_text_with(p, url, header, 4 * (int64_t)RECORD_MOST, &body));
    TRY(page_head(p, body, &h));
    if (h.start != start || (!h.results && start < h.total))
      return fail(p->cx, E_FEED,
                  "NVD answered with another page than was asked for (%lld instead of %lld). The old "
                  "snapshot is kept",
                  (long long)h.start, (long long)start);
    if (!stamp->n) *stamp = h.stamp;
    if (h.results) TRY(pull_put(p, str_fmt(p->cx->arena, "page-%lld.json", (long long)start), body));
    start += h.results;
    *count += h.results;
    if (start >= h.total) return E_OK;
  }
}

Err pull_nvd(Pull *p) {
  int64_t from, now = p->cx->now_us, window = WINDOW_DAYS * US_PER_DAY;
  Str stamp = STR_NONE;
  int64_t count = 0;
  p->full = !p->cursor.n || !time_parse(p->cursor, &from);
  if (p->full) TRY(pages(p, S(""), &stamp, &count));
  else {
    if (from > now) return fail(p->cx, E_FEED, "The last answer of NVD is from the future; check the clock");
    for (int64_t start = from; start < now; start += window) {
      Str a = str_slice(time_text(p->cx->arena, start), 0, 19),
          b = str_slice(time_text(p->cx->arena, start + window < now ? start + window : now), 0, 19), one = STR_NONE;
      TRY(pages(p, str_fmt(p->cx->arena, "lastModStartDate=%.*s.000Z&lastModEndDate=%.*s.000Z&", STR(a), STR(b)),
                &one, &count));
    }
    stamp = time_text(p->cx->arena, now);
    p->unchanged = !count;
  }
  /* What NVD changes while pages are read is asked for again: an hour is taken off. */
  int64_t end;
  if (!time_parse(stamp, &end) && !time_parse(str_fmt(p->cx->arena, "%.*sZ", STR(stamp)), &end)) end = now;
  p->next = time_text(p->cx->arena, (end < now ? end : now) - US_PER_S * 3600);
  return E_OK;
}

/* ---- yearly files ---- */

typedef struct Meta {
  Str sha256, modified;
} Meta;

static Err meta_of(Pull *p, Str name, Meta *out) {
  Str body, url = url_join(p->cx, p->url, str_fmt(p->cx->arena, "nvdcve-2.0-%.*s.meta", STR(name)));
  TRY(pull_text(p, url, 1 << 16, &body));
  for (Str line, key; str_line(&body, &line);) {
    str_cut(line, ':', &key, &line);
    if (str_eq(key, S("sha256"))) out->sha256 = str_lower(p->cx->arena, str_trim(line));
    if (str_eq(key, S("lastModifiedDate"))) out->modified = str_trim(line);
  }
  Hash h;
  return hash_from_hex(out->sha256, &h)
             ? E_OK
             : fail(p->cx, E_FEED, "%.*s tells no SHA-256. The old snapshot is kept", STR(url));
}

typedef struct Check {
  Str want, name;
  Pull *pull;
} Check;

static Err check_one(Cx *cx, void *env, const PackedFile *f) {
  Check *c = env;
  if (!f->bytes.p || !str_eq(hash_hex(cx->arena, sha256(f->bytes)), c->want))
    return fail(cx, E_FEED, "%.*s is not what its .meta says (checksum). Nothing was taken; the old snapshot is kept",
                STR(c->name));
  return pull_put(c->pull, c->name, f->bytes);
}

/* The checksum is that of the unpacked file. */
static Err one_file(Pull *p, Str name, const Meta *meta) {
  Str body, file = str_fmt(p->cx->arena, "nvdcve-2.0-%.*s.json.gz", STR(name));
  AUTO(Cx) own = cx_new((size_t)1 << 30);
  Pull inner = *p;
  inner.cx = &own;
  own.now_us = p->cx->now_us;
  Check c = { meta->sha256, file, &inner };
  Err e = pull_text(&inner, url_join(&own, p->url, file), 128 << 20, &body);
  if (e == E_OK) e = packed_bytes(&own, file, body, check_one, &c);
  p->requests = inner.requests;
  p->bytes = inner.bytes;
  return e == E_OK ? E_OK : fail(p->cx, e, "%.*s", STR(own.words));
}

Err pull_nvd_feeds(Pull *p) {
  int64_t first = 2002, last = 0, seen = 0;
  Buf next = buf_new(p->cx->arena, 64 << 10);
  Str from, to;
  str_cut(p->scope, '-', &from, &to);
  (void)str_int(from, &first);
  (void)str_int(str_slice(date_text(p->cx->arena, date_of(p->cx->now_us)), 0, 4), &last);
  if (to.n) (void)str_int(to, &last);
  Meta meta = { 0 };
  bool recent =
      time_parse(cursor_get(p->cursor, S("at")), &seen) && p->cx->now_us - seen < MODIFIED_DAYS * US_PER_DAY;
  buf_fmt(&next, "at\t%.*s\n", STR(time_text(p->cx->arena, p->cx->now_us)));
  if (recent) {
    TRY(meta_of(p, S("modified"), &meta));
    p->unchanged = str_eq(cursor_get(p->cursor, S("modified")), meta.sha256);
    if (!p->unchanged) TRY(one_file(p, S("modified"), &meta));
    buf_fmt(&next, "modified\t%.*s\n", STR(meta.sha256));
  }
  p->full = !p->cursor.n;
  bool any = false;
  for (int64_t year = first; year <= last; year++) {
    Str name = str_fmt(p->cx->arena, "%lld", (long long)year), before = cursor_get(p->cursor, name);
    if (!recent) {
      TRY(meta_of(p, name, &meta));
      bool news = !str_eq(before, meta.sha256);
      if (news) TRY(one_file(p, name, &meta));
      any |= news;
      before = meta.sha256;
    }
    if (before.n) buf_fmt(&next, "%.*s\t%.*s\n", STR(name), STR(before));
  }
  if (!recent) p->unchanged = !any;
  p->next = buf_str(&next);
  return E_OK;
}
