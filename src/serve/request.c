/* From a checked header to a Request; routes, queries and cookies. */
#include "serve/inside.h"

static bool has_dot_segment(Str path) {
  for (bool more = true; more;) {
    Str segment;
    more = str_cut(path, '/', &segment, &path);
    if (str_eq(segment, S("..")) || str_eq(segment, S("."))) return true;
  }
  return false;
}

/* Decodes once and no further; no file is ever opened by this path, but ids come from it. */
static Err decode_path(Cx *cx, Str raw, Str *out) {
  Str path;
  TRY(url_decode(cx, raw, false, &path));
  if (!str_is_utf8(path)) return fail(cx, E_UNREADABLE, "The address is not UTF-8.");
  for (size_t i = 0; i < path.n; i++)
    if ((unsigned char)path.p[i] < 32 || path.p[i] == 127)
      return fail(cx, E_UNREADABLE, "The address holds a control character.");
  if (has_dot_segment(path)) return fail(cx, E_UNREADABLE, "The address holds a '..' or '.' segment.");
  *out = path;
  return E_OK;
}

static Err decode_query(Cx *cx, Str raw, Request *out) {
  if (!raw.n) return E_OK;
  size_t most = 1;
  for (size_t i = 0; i < raw.n; i++) most += raw.p[i] == '&';
  if (most > QUERY_MOST)
    return fail(cx, E_UNREADABLE, "The address has more than %d query parts.", QUERY_MOST);
  out->query = NEW_ARRAY(cx->arena, most, Pair);
  for (bool more = true; more;) {
    Str part, name, value;
    more = str_cut(raw, '&', &part, &raw);
    if (!part.n) continue;
    (void)str_cut(part, '=', &name, &value);
    Pair *p = &out->query[out->nquery];
    TRY(url_decode(cx, name, true, &p->name));
    TRY(url_decode(cx, value, true, &p->value));
    if (!str_is_utf8(p->name) || !str_is_utf8(p->value))
      return fail(cx, E_UNREADABLE, "The query is not UTF-8.");
    out->nquery++;
  }
  return E_OK;
}

static Err find_method(Cx *cx, Str word, Method *out, bool *is_head) {
  static const struct { const char *word; Method method; } table[] = {
    { "GET", GET }, { "HEAD", GET }, { "POST", POST }, { "PATCH", PATCH },
  };
  static const char *const others[] = { "DELETE", "PUT", "OPTIONS", "TRACE", "CONNECT" };   /* RFC 9110, 9.3 */
  for (size_t i = 0; i < COUNT(table); i++)
    if (str_eq(word, str_of(table[i].word))) {
      *out = table[i].method;
      *is_head = i == 1;
      return E_OK;
    }
  for (size_t i = 0; i < COUNT(others); i++)
    if (str_eq(word, str_of(others[i])))
      return fail(cx, E_METHOD, "No address here takes %s. Nothing was changed.", others[i]);
  return fail(cx, E_USAGE, "The method is not known here.");
}

/* The nearest proxy adds its client at the end; what stands before may be invented. */
static Str last_of(Str list) {
  size_t comma = str_rfind_char(list, ',');
  return str_trim(comma == SIZE_MAX ? list : str_slice(list, comma + 1, list.n));
}

static Err make(Cx *cx, const Head *h, Request *r, bool *is_head) {
  Str path;
  (void)str_cut(h->target, '?', &path, &r->query_text);
  if (str_find_char(h->target, '#') != SIZE_MAX) return fail(cx, E_UNREADABLE, "The address holds a '#'.");
  TRY(decode_path(cx, path, &r->path));
  TRY(decode_query(cx, r->query_text, r));
  return find_method(cx, h->method, &r->method, is_head);
}

Refusal request_make(Cx *cx, const Head *h, bool behind_proxy, Request *out, bool *is_head) {
  Request r = {
    .header_cookie = head_field(h, "cookie"),
    .header_origin = head_field(h, "origin"),
    .header_fetch_site = head_field(h, "sec-fetch-site"),
    .header_authorization = head_field(h, "authorization"),
    .header_api_key = head_field(h, "x-api-key"),
    .header_idempotency = head_field(h, "idempotency-key"),
    .header_if_match = head_field(h, "if-match"),
    .header_fragment = head_field(h, "x-fragment"),
    .header_accept = head_field(h, "accept"),
    .header_if_none_match = head_field(h, "if-none-match"),
    .content_type = head_field(h, "content-type"),
    .header_host = head_field(h, "host"),
  };
  Err e = make(cx, h, &r, is_head);
  if (e == E_METHOD) *out = r;
  if (e != E_OK)
    return (Refusal){ e == E_METHOD ? 405 : e == E_USAGE ? 501 : 400, str_z(cx->arena, cx->words) };
  if (behind_proxy) {
    r.secure = str_eq_nocase(head_field(h, "x-forwarded-proto"), S("https"));
    r.address = last_of(head_field(h, "x-forwarded-for"));
  }
  *out = r;
  return (Refusal){ 0 };
}

Str request_query(const Request *r, const char *name) {
  for (size_t i = 0; i < r->nquery; i++)
    if (str_eq(r->query[i].name, str_of(name))) return r->query[i].value;
  return STR_NONE;
}

Str request_cookie(Cx *cx, const Request *r, const char *name) {
  Str list = r->header_cookie, found = STR_NONE;
  for (bool more = list.n > 0; more;) {
    Str item, key, value;
    more = str_cut(list, ';', &item, &list);
    if (!str_cut(str_trim(item), '=', &key, &value) || !str_eq(key, str_of(name))) continue;
    if (found.p) return STR_NONE;   /* two of one name: somebody planted one */
    found = value;
  }
  return str_dup(cx->arena, found);
}

bool request_same_origin(const Request *r) {
  if (r->header_fetch_site.p) return str_eq(r->header_fetch_site, S("same-origin"));
  Str scheme = r->secure ? S("https://") : S("http://");
  return str_starts(r->header_origin, scheme) && r->header_host.n &&
         str_eq_nocase(str_slice(r->header_origin, scheme.n, r->header_origin.n), r->header_host);
}

/* Matches segment by segment; {x} takes one segment that is not empty. */
static bool matches(Str pattern, Str path, Str params[4]) {
  size_t n = 0;
  for (bool more = true; more;) {
    Str want, got;
    more = str_cut(pattern, '/', &want, &pattern);
    if (str_cut(path, '/', &got, &path) != more) return false;
    bool wild = want.n > 2 && want.p[0] == '{';
    if (wild ? !got.n || n == 4 : !str_eq(want, got)) return false;
    if (wild) params[n++] = got;
  }
  return true;
}

Err route_find(Cx *cx, const Route *routes, size_t n, Request *req, const Route **out) {
  bool other_method = false;
  for (size_t i = 0; i < n; i++) {
    Str params[4] = { STR_NONE };
    if (!matches(str_of(routes[i].pattern), req->path, params)) continue;
    if (routes[i].method != req->method) { other_method = true; continue; }
    for (size_t k = 0; k < COUNT(params); k++) req->params[k] = params[k];
    *out = &routes[i];
    return E_OK;
  }
  if (other_method) return fail(cx, E_METHOD, "This address does not take that method. Nothing was changed.");
  return fail(cx, E_NOTFOUND, "There is no page at %.*s", STR(req->path));
}

Str route_allow(Arena *a, const Route *routes, size_t n, Str path) {
  static const struct { Method method; const char *words; } table[] = {
    { GET, "GET, HEAD" }, { PATCH, "PATCH" }, { POST, "POST" },
  };
  unsigned taken = 0;
  Buf b = buf_new(a, 64);
  for (size_t i = 0; i < n; i++) {
    Str params[4];
    if (matches(str_of(routes[i].pattern), path, params)) taken |= (unsigned)routes[i].method;
  }
  for (size_t i = 0; i < COUNT(table); i++)
    if (taken & (unsigned)table[i].method) buf_fmt(&b, "%s%s", b.n ? ", " : "", table[i].words);
  return buf_str(&b);
}
