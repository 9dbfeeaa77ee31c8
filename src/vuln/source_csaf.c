/* source_csaf.c - CSAF providers: provider-metadata.json, a ROLIE feed, or a folder with changes.csv.
 *
 * Documents are checked against the .sha256 beside them where there is one.  OpenPGP signatures (.asc) are not
 * checked. */
#include "vuln/source.h"

typedef struct Document {
  Str url, time, hash;
} Document; /* hash: address of its .sha256; empty: not told */
typedef struct Listing {
  VEC(Document) documents;
  Str newest;
} Listing;

/* In the jail: lines "feed URL", "folder URL", or "url \t time \t hash". */
static Err read_json(Cx *cx, void *env, Str text, Buf *out) {
  JVal *root;
  (void)env;
  TRY(json_read(cx, text, &JSON_DOCUMENT, &root));
  JSON_EACH(place, json_get(root, "distributions")) {
    Str folder = json_text(place, "directory_url");
    if (folder.n) buf_fmt(out, "folder\t%.*s\n", STR(folder));
    JSON_EACH(feed, json_get(json_get(place, "rolie"), "feeds")) {
      Str label = json_text(feed, "tlp_label");
      bool open = !label.n || str_eq(label, S("WHITE")) || str_eq(label, S("CLEAR")) || str_eq(label, S("UNLABELED"));
      if (open) buf_fmt(out, "feed\t%.*s\n", STR(json_text(feed, "url")));
    }
  }
  JSON_EACH(entry, json_get(json_get(root, "feed"), "entry")) {
    Str url = json_text(json_get(entry, "content"), "src"), hash = STR_NONE;
    JSON_EACH(link, json_get(entry, "link")) {
      if (!url.n && str_eq(json_text(link, "rel"), S("self"))) url = json_text(link, "href");
      Str href = json_text(link, "href");
      if (str_eq(json_text(link, "rel"), S("hash")) && str_ends(href, S(".sha256"))) hash = href;
    }
    buf_fmt(out, "document\t%.*s\t%.*s\t%.*s\n", STR(url), STR(json_text(entry, "updated")), STR(hash));
  }
  return E_OK;
}

static Str host_of(Str url) {
  Str rest = str_slice(url, 8, url.n), host;
  if (!str_starts(url, S("https://"))) return STR_NONE;
  str_cut(rest, '/', &host, &rest);
  return host;
}

/* Only the source's own host and those that its scope names. */
static Err host_allowed(const Pull *p, Str url) {
  Str host = host_of(url), scope = p->scope, one;
  if (host.n && str_eq_nocase(host, host_of(p->url))) return E_OK;
  while (scope.n) {
    str_cut(scope, ',', &one, &scope);
    if (host.n && str_eq_nocase(str_trim(one), host)) return E_OK;
  }
  return fail(p->cx, E_FEED,
              "%.*s leads to %.*s, another host than the source's. Nothing was asked there. If that is "
              "right, name the host in the source's scope",
              STR(p->name), STR(str_head(url, 200)));
}

static Err ask_json(Pull *p, Str url, Str *lines) {
  Str body;
  TRY(host_allowed(p, url));
  TRY(pull_text(p, url, LIST_MOST / 4, &body));
  Err e = jail_run(p->cx, &JAIL_STANDARD, read_json, NULL, body, lines);
  if (e != E_UNREADABLE) return e;
  Str words = p->cx->words;
  cx_forgive(p->cx);
  return fail(p->cx, E_FEED, "%.*s cannot be used: %.*s. The old snapshot is kept", STR(url), STR(words));
}

/* A path of changes.csv is relative to its folder; some providers repeat the end of the folder's own address. */
static Str document_url(Cx *cx, Str folder, Str path) {
  for (size_t at = 0; at < folder.n; at++) {
    Str tail = str_slice(folder, at, folder.n);
    if ((at == 0 || folder.p[at - 1] == '/') && tail.n < path.n && str_starts(path, tail) && path.p[tail.n] == '/')
      path = str_slice(path, tail.n + 1, path.n);
  }
  return url_join(cx, folder, path);
}

static bool path_is_safe(Str path) {
  bool json = str_ends(path, S(".json")), up = str_find(path, S("..")) != SIZE_MAX;
  for (size_t i = 0; i < path.n; i++)
    if ((unsigned char)path.p[i] <= ' ' || str_find_char(S("\\?#%:\""), path.p[i]) != SIZE_MAX) return false;
  return json && !up && path.n < 400 && path.p[0] != '/';
}

static void add_document(Pull *p, Listing *l, Document d) {
  if (str_cmp(d.time, l->newest) > 0) l->newest = d.time;
  vec_add(p->cx->arena, &l->documents, d);
}

static Err read_folder(Pull *p, Str folder, Listing *l) {
  Str list, path, time;
  CsvRow row;
  size_t line = 0;
  bool got = true;
  while (folder.n && folder.p[folder.n - 1] == '/') folder.n--;
  TRY(host_allowed(p, folder));
  TRY(pull_text(p, url_join(p->cx, folder, S("changes.csv")), LIST_MOST / 4, &list));
  for (;;) {
    TRY(csv_read(p->cx, &list, &line, &row, &got));
    if (!got) return E_OK;
    path = row.n ? str_trim(row.cell[0]) : STR_NONE;
    time = row.n > 1 ? str_trim(row.cell[1]) : STR_NONE;
    int64_t us;
    if (!path.n && row.n < 2) continue;
    if (!path_is_safe(path) || !time_parse(time, &us))
      return fail(p->cx, E_FEED, "changes.csv line %zu is no path and time (\"%.*s\"). The old snapshot is kept",
                  row.line, STR(str_head(path, 80)));
    Str url = document_url(p->cx, folder, str_dup(p->cx->arena, path));
    add_document(p, l, (Document){ url, str_dup(p->cx->arena, time), STR_NONE });
  }
}

static Err read_lines(Pull *p, Str lines, Listing *l) {
  for (Str line, kind, a, b, c; str_line(&lines, &line);) {
    str_cut(line, '\t', &kind, &line);
    str_cut(line, '\t', &a, &line);
    str_cut(line, '\t', &b, &c);
    int64_t us;
    if (!str_eq(kind, S("document"))) continue;
    TRY(host_allowed(p, a));
    if (!time_parse(b, &us)) return fail(p->cx, E_FEED, "%.*s tells no time of %.*s", STR(p->name), STR(a));
    add_document(p, l, (Document){ a, b, c });
  }
  return E_OK;
}

static Err read_places(Pull *p, Str url, Listing *l) {
  Str lines, more, line, kind, place;
  if (!str_ends(url, S(".json"))) return read_folder(p, url, l);
  TRY(ask_json(p, url, &lines));
  for (Str rest = lines; str_line(&rest, &line);) {
    str_cut(line, '\t', &kind, &place);
    if (str_eq(kind, S("folder"))) TRY(read_folder(p, place, l));
    if (!str_eq(kind, S("feed"))) continue;
    TRY(ask_json(p, place, &more));
    TRY(read_lines(p, more, l));
  }
  return read_lines(p, lines, l);
}

/* "HEX  name", as sha256sum writes it. */
static Err check_hash(Pull *p, const Document *d, Str bytes, Str hash_url) {
  Str body, hex, rest;
  Err e = pull_text(p, hash_url, 1 << 16, &body);
  if (e == E_NOTFOUND) {
    cx_forgive(p->cx);
    return E_NOTFOUND;
  }
  TRY(e);
  str_cut(str_trim(body), ' ', &hex, &rest);
  if (str_eq_nocase(str_trim(hex), hash_hex(p->cx->arena, sha256(bytes)))) return E_OK;
  return fail(p->cx, E_FEED, "%.*s is not what its .sha256 says. Nothing was taken; the old snapshot is kept",
              STR(d->url));
}

static Err take_document(Pull *p, const Document *d, bool *hashes) {
  Str body;
  ArenaMark mark = arena_mark(p->cx->arena);
  TRY(pull_text(p, d->url, RECORD_MOST, &body));
  if (d->hash.n) {
    TRY(host_allowed(p, d->hash));
    Err e = check_hash(p, d, body, d->hash);
    if (e == E_NOTFOUND) return fail(p->cx, E_FEED, "%.*s is named by the feed and not there", STR(d->hash));
    TRY(e);
  } else if (*hashes) {
    Err e = check_hash(p, d, body, str_fmt(p->cx->arena, "%.*s.sha256", STR(d->url)));
    if (e == E_NOTFOUND) *hashes = false; /* this provider has none */
    else TRY(e);
  }
  TRY(pull_put(p, d->url, body));
  arena_release(p->cx->arena, mark);
  return E_OK;
}

Err pull_csaf(Pull *p) {
  Listing l = { 0 };
  Str before = cursor_get(p->cursor, S("newest"));
  int64_t count = 0, took = 0;
  bool hashes = true;
  (void)str_int(cursor_get(p->cursor, S("count")), &count);
  TRY(read_places(p, p->url, &l));
  TRY(list_whole(p, p->name, (int64_t)l.documents.n, count));
  for (size_t i = 0; i < l.documents.n; i++) {
    if (str_cmp(l.documents.p[i].time, before) <= 0) continue;
    took++;
    TRY(take_document(p, &l.documents.p[i], &hashes));
  }
  p->unchanged = !took;
  p->next = str_fmt(p->cx->arena, "newest\t%.*s\ncount\t%zu\n", STR(l.newest), l.documents.n);
  return E_OK;
}
