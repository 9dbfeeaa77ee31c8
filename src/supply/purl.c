/* purl.c - identifiers, lightly: enough to warn, to group and to read two qualifiers.
 *
 * vuln/ holds the exact grammar. */
#include "supply/inside.h"

static bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

static bool bytes_fit(Str s) {
  for (size_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if (c <= ' ' || c == 0x7f) return false;
    if (c == '%' && (s.n - i < 3 || !is_hex(s.p[i + 1]) || !is_hex(s.p[i + 2]))) return false;
  }
  return true;
}

static bool type_fits(Str t) {
  if (!t.n || !is_alpha(t.p[0])) return false;
  for (size_t i = 0; i < t.n; i++)
    if (!is_alpha(t.p[i]) && !is_digit(t.p[i]) && t.p[i] != '.' && t.p[i] != '-' && t.p[i] != '+') return false;
  return true;
}

bool purl_parts(Str purl, PurlParts *out) {
  PurlParts p = { 0 };
  if (purl.n > 1024 || !bytes_fit(purl) || !str_eq_nocase(str_slice(purl, 0, 4), S("pkg:"))) return false;
  Str rest = str_slice(purl, 4, purl.n);
  size_t cut = str_rfind_char(rest, '#');
  rest = str_slice(rest, 0, cut);
  cut = str_rfind_char(rest, '?');
  if (cut != SIZE_MAX) p.qualifiers = str_slice(rest, cut + 1, rest.n);
  rest = str_slice(rest, 0, cut);
  while (str_starts(rest, S("/"))) rest = str_slice(rest, 1, rest.n);
  if (!str_cut(rest, '/', &p.type, &rest) || !type_fits(p.type)) return false;
  size_t at = str_rfind_char(rest, '@'), slash = str_rfind_char(rest, '/');
  if (at != SIZE_MAX && at > 0 && (slash == SIZE_MAX || at > slash + 1)) {
    p.version = str_slice(rest, at + 1, rest.n);
    rest = str_slice(rest, 0, at);
  }
  while (str_ends(rest, S("/"))) rest = str_slice(rest, 0, rest.n - 1);
  while (str_starts(rest, S("/"))) rest = str_slice(rest, 1, rest.n);
  if (!rest.n) return false;
  p.path = rest;
  *out = p;
  return true;
}

Str parts_qualifier(Cx *cx, const PurlParts *p, Str name) {
  Str rest = p->qualifiers, pair, key, value, decoded;
  while (rest.n) {
    str_cut(rest, '&', &pair, &rest);
    if (!str_cut(pair, '=', &key, &value) || !str_eq_nocase(key, name) || !value.n) continue;
    if (url_decode(cx, value, false, &decoded) == E_OK) return decoded;
    cx_forgive(cx);
    return STR_NONE;
  }
  return STR_NONE;
}

/* 2.3 has thirteen parts, a colon inside a part is escaped; 2.2 is cpe:/a:vendor:product... */
bool cpe_looks_right(Str cpe) {
  if (cpe.n > 1024 || !bytes_fit(cpe)) return false;
  if (str_eq_nocase(str_slice(cpe, 0, 5), S("cpe:/")))
    return cpe.n > 6 && str_find_char(S("aohAOH"), cpe.p[5]) != SIZE_MAX;
  if (!str_eq_nocase(str_slice(cpe, 0, 8), S("cpe:2.3:")) || cpe.n < 10) return false;
  size_t colons = 0;
  for (size_t i = 0; i < cpe.n; i++) {
    if (cpe.p[i] == '\\') i++;
    else if (cpe.p[i] == ':') colons++;
  }
  return colons == 12 && str_find_char(S("aohAOH*-"), cpe.p[8]) != SIZE_MAX;
}

Str package_identity(Cx *cx, Str purl, Str group, Str name) {
  PurlParts p;
  if (!purl_parts(purl, &p))
    return group.n ? str_fmt(cx->arena, "%.*s/%.*s", STR(group), STR(name)) : name;
  Buf b = buf_new(cx->arena, 8192);
  buf_z(&b, "pkg:");
  buf_add(&b, str_lower(cx->arena, p.type));
  buf_byte(&b, '/');
  for (size_t i = 0; i < p.path.n; i++) {       /* @scope and %40scope are one */
    if (p.path.p[i] == '@') buf_z(&b, "%40");
    else buf_byte(&b, p.path.p[i]);
  }
  return buf_str(&b);
}
