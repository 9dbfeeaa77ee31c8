/* source.c - the kinds of sources, and fetching into a spool. */
#include "vuln/source.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BIT(kind) (1u << RECORD_##kind)
const SourceKind source_kinds[] = {
  { "osv", BIT(OSV), "https://osv-vulnerabilities.storage.googleapis.com",
    "Debian,Alpine,npm,PyPI,Go,crates.io,Maven,NuGet", 14, pull_osv,
    "OSV: all.zip of each ecosystem, then what modified_id.csv names.  scope: ecosystems, or all" },
  { "nvd", BIT(NVD), "https://services.nvd.nist.gov/rest/json/cves/2.0", "", 14, pull_nvd,
    "NVD API 2.0: all pages, then windows of lastModified" },
  { "nvd-feeds", BIT(NVD), "https://nvd.nist.gov/feeds/json/cve/2.0", "2002", 14, pull_nvd_feeds,
    "NVD yearly files with their .meta, then the file of what was modified.  scope: first year" },
  { "cve", BIT(CVE), "https://raw.githubusercontent.com/CVEProject/cvelistV5/main",
    "https://codeload.github.com/CVEProject/cvelistV5/zip/refs/heads/main", 14, pull_cve,
    "CVE list v5: the whole once, then what deltaLog.json names.  scope: address of the whole" },
  { "github", BIT(OSV), "https://codeload.github.com/github/advisory-database/zip/refs/heads/main", "", 14,
    pull_plain, "GitHub advisory database: OSV records in one archive" },
  { "kev", BIT(KEV), "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json", "", 60,
    pull_plain, "CISA's catalog of exploited vulnerabilities" },
  { "epss", BIT(EPSS), "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz", "", 7, pull_plain,
    "EPSS scores of the day" },
  { "csaf", BIT(CSAF), "https://raw.githubusercontent.com/cisagov/CSAF/develop/csaf_files/OT/white", "", 0, pull_csaf,
    "CSAF provider-metadata.json, ROLIE feed or folder with changes.csv.  scope: other hosts of its documents" },
  { "debian", BIT(DEBIAN), "https://security-tracker.debian.org/tracker/data/json", "", 0, pull_plain,
    "Debian's security tracker: states per release, also where nothing is fixed" },
  { "alpine", BIT(ALPINE), "https://secdb.alpinelinux.org", "v3.20/main,v3.20/community,v3.21/main,v3.21/community,"
    "v3.22/main,v3.22/community,v3.23/main,v3.23/community", 0, pull_alpine,
    "Alpine's secdb: which version carries a fix, and what never was affected.  scope: release/repository" },
  { "files", ~0u, "", "", 0, pull_files, "a folder or file on this machine, of any of these kinds" },
};
const size_t nsource_kinds = COUNT(source_kinds);

const SourceKind *source_kind(Str name) {
  for (size_t i = 0; i < COUNT(source_kinds); i++)
    if (str_eq(name, str_of(source_kinds[i].name))) return &source_kinds[i];
  return NULL;
}

int64_t feed_age_limit_days(Str kind) {
  for (size_t i = 0; i < COUNT(source_kinds); i++)
    if (str_eq_nocase(kind, str_of(source_kinds[i].name))) return source_kinds[i].max_age_days;
  return 0;
}

/* ---- the spool ---- */

static Err put_bytes(Pull *p, const void *bytes, size_t n) {
  const char *at = bytes;
  while (n) {
    ssize_t put = write(p->spool, at, n);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0)
      return fail(p->cx, errno == ENOSPC ? E_FULL : E_IO, "Cannot write what was fetched: %s", strerror(errno));
    at += put;
    n -= (size_t)put;
  }
  return E_OK;
}

static Err frame_begin(Pull *p, Str name, uint64_t bytes) {
  uint32_t n = (uint32_t)name.n;
  TRY(put_bytes(p, &n, sizeof n));
  TRY(put_bytes(p, &bytes, sizeof bytes));
  return put_bytes(p, name.p, name.n);
}

static void count(Pull *p, int64_t bytes) {
  p->bytes += bytes;
  if (p->told) p->told(p);
}

Err pull_put(Pull *p, Str name, Str bytes) {
  TRY(frame_begin(p, name, bytes.n));
  count(p, (int64_t)bytes.n);
  return put_bytes(p, bytes.p, bytes.n);
}

static Err offline(Pull *p) {
  return fail(p->cx, E_FEED, "%.*s is on the network, and this run has no fetch process", STR(p->name));
}

Err pull_file(Pull *p, Str url, int64_t most, Str etag, FetchAnswer *answer) {
  FetchAnswer a;
  if (!p->fetch) return offline(p);
  off_t start = lseek(p->spool, 0, SEEK_CUR);
  TRY(frame_begin(p, url, 0));
  p->requests++;
  TRY(fetch_get(p->cx, p->fetch, &(FetchAsk){ .url = url, .etag = etag, .most = most, .fd = p->spool }, &a));
  uint64_t n = (uint64_t)a.bytes;
  count(p, a.bytes);
  p->unchanged = a.status == 304;
  bool good = p->unchanged ? ftruncate(p->spool, start) == 0 && lseek(p->spool, start, SEEK_SET) == start
                           : pwrite(p->spool, &n, sizeof n, start + 4) == (ssize_t)sizeof n;
  if (!good) return fail(p->cx, E_IO, "Cannot write what was fetched: %s", strerror(errno));
  *answer = a;
  return E_OK;
}

Err pull_text_with(Pull *p, Str url, Str header, int64_t most, Str *body) {
  FetchAnswer a;
  if (!p->fetch) return offline(p);
  p->requests++;
  TRY(fetch_get(p->cx, p->fetch, &(FetchAsk){ .url = url, .header = header, .most = most, .fd = -1 }, &a));
  count(p, a.bytes);
  *body = a.body;
  return E_OK;
}

Err pull_text(Pull *p, Str url, int64_t most, Str *body) { return pull_text_with(p, url, STR_NONE, most, body); }

/* ---- small things ---- */

Str url_join(Cx *cx, Str base, Str tail) {
  while (base.n && base.p[base.n - 1] == '/') base.n--;
  return str_fmt(cx->arena, "%.*s/%.*s", STR(base), STR(tail));
}

Str url_word(Cx *cx, Str s) {
  Buf b = buf_new(cx->arena, s.n * 3 + 1);
  url_text(&b, s);
  return buf_str(&b);
}

Str cursor_get(Str cursor, Str key) {
  for (Str line, word; str_line(&cursor, &line);) {
    str_cut(line, '\t', &word, &line);
    if (str_eq(word, key)) return line;
  }
  return STR_NONE;
}

Err list_whole(Pull *p, Str what, int64_t now, int64_t before) {
  if (now * 20 >= before * 19 && now > 0) return E_OK;
  return fail(p->cx, E_FEED,
              "%.*s lists %lld advisories, last time %lld: an empty or halved feed is no safer world. "
              "The old snapshot is kept; check the source, or take it with a reason",
              STR(what), (long long)now, (long long)before);
}

bool is_record_name(Str s) {
  for (size_t i = 0; i < s.n; i++)
    if (!is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.' && s.p[i] != ':') return false;
  return s.n && s.n <= PACK_NAME_MOST && str_find(s, S("..")) == SIZE_MAX;
}

/* One file that is the whole: KEV, EPSS, Debian's tracker, an archive. */
Err pull_plain(Pull *p) {
  FetchAnswer a = { 0 };
  p->full = true;
  TRY(pull_file(p, p->url, WHOLE_MOST, p->cursor, &a));
  p->next = a.etag.n ? a.etag : p->unchanged ? p->cursor : S("");
  return E_OK;
}

/* Alpine's secdb: a file for each release and repository; together they are small, so all of them each time. */
Err pull_alpine(Pull *p) {
  p->full = true;
  for (Str list = p->scope, one; list.n;) {
    FetchAnswer a = { 0 };
    str_cut(list, ',', &one, &list);
    one = str_trim(one);
    if (!one.n) continue;
    TRY(pull_file(p, url_join(p->cx, p->url, str_fmt(p->cx->arena, "%.*s.json", STR(one))), WHOLE_MOST, STR_NONE, &a));
  }
  return E_OK;
}

/* ---- on this machine ---- */

static Err each_file(Cx *cx, void *env, const PackedFile *f) {
  Pull *p = env;
  (void)cx;
  return f->bytes.p ? pull_put(p, f->name, f->bytes) : E_OK;
}

Err pull_files(Pull *p) {
  p->full = true;
  return packed_walk(p->cx, str_z(p->cx->arena, p->url), each_file, p);
}
