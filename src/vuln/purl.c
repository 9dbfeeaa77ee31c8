/* purl.c - package URLs: read right to left, normalise by type, write the canonical form. */
#include "vuln/inside.h"
#include <string.h>

enum { NS_LOWER = 1, NAME_LOWER = 2, VERSION_LOWER = 4, NS_NEEDED = 8, NS_NONE = 16 };

/* What the type's definition says.  golang asks for a namespace, but its own standard library has none. */
static const struct { Str type; unsigned rules; } types[] = {
#define T(name, rules) { { name, sizeof name - 1 }, rules }
  T("alpm", NS_LOWER | NAME_LOWER | NS_NEEDED),       T("apk", NS_LOWER | NAME_LOWER | NS_NEEDED),
  T("bazel", NS_NONE),                                T("bitbucket", NS_LOWER | NAME_LOWER | NS_NEEDED),
  T("bitnami", NAME_LOWER | NS_NONE),                 T("brew", NS_LOWER | NAME_LOWER),
  T("cargo", NS_NONE),                                T("chrome-extension", NAME_LOWER | NS_NONE),
  T("cocoapods", NS_NONE),                            T("composer", NS_LOWER | NAME_LOWER | NS_NEEDED),
  T("conda", NS_NONE),                                T("cran", NS_NONE),
  T("deb", NS_LOWER | NAME_LOWER | NS_NEEDED),        T("gem", NS_NONE),
  T("git", NS_NEEDED),                                T("github", NS_LOWER | NAME_LOWER | NS_NEEDED),
  T("hackage", NS_NONE),                              T("hex", NS_LOWER | NAME_LOWER),
  T("huggingface", VERSION_LOWER | NS_NEEDED),        T("julia", NS_NONE),
  T("luarocks", NS_LOWER | NAME_LOWER),               T("maven", NS_NEEDED),
  T("mlflow", NS_NONE),                               T("nuget", NS_NONE),
  T("oci", NAME_LOWER | VERSION_LOWER | NS_NONE),     T("opam", NS_NONE),
  T("otp", NAME_LOWER | NS_NONE),                     T("pub", NAME_LOWER | NS_NONE),
  T("pypi", NAME_LOWER | VERSION_LOWER | NS_NONE),    T("qpkg", NS_LOWER | NS_NEEDED),
  T("rpm", NS_LOWER | NS_NEEDED),                     T("swift", NS_NEEDED),
  T("vcpkg", NS_NONE),
  T("vscode-extension", NS_LOWER | NAME_LOWER | VERSION_LOWER | NS_NEEDED),
  T("yocto", NS_LOWER),
#undef T
};

static unsigned rules_of(Str type) {
  for (size_t i = 0; i < COUNT(types); i++) if (str_eq(type, types[i].type)) return types[i].rules;
  return 0;
}

static int hex_digit(char c) {
  return is_digit(c) ? c - '0' : is_alpha(c) && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

Err percent_decode(Cx *cx, Str s, const char *part, Str *out) {
  if (s.n == 0 || str_find_char(s, '%') == SIZE_MAX) { *out = s; return E_OK; }
  char *p = arena_alloc(cx->arena, s.n);
  size_t n = 0;
  for (size_t i = 0; i < s.n; i++) {
    int hi = -1, lo = -1;
    if (s.p[i] == '%' && i + 2 < s.n) { hi = hex_digit(s.p[i + 1]); lo = hex_digit(s.p[i + 2]); }
    if (s.p[i] == '%' && (hi < 0 || lo < 0))
      return fail(cx, E_INVALID, "%s: a percent sign must be followed by two hex digits", part);
    p[n++] = hi < 0 ? s.p[i] : (char)(hi * 16 + lo);
    if (hi >= 0) i += 2;
  }
  *out = (Str){ p, n };
  return str_is_utf8(*out) && !memchr(p, 0, n) ? E_OK : fail(cx, E_INVALID, "%s: is not UTF-8 text", part);
}

void percent_encode(Buf *b, Str s) {
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; i < s.n; i++) {
    char c = s.p[i];
    if (is_alnum(c) || (c && strchr(".-_~:", c))) { buf_byte(b, c); continue; }
    buf_byte(b, '%');
    buf_byte(b, digits[(unsigned char)c >> 4]);
    buf_byte(b, digits[(unsigned char)c & 15]);
  }
}

static void segment_add(Buf *joined, Str one, bool dots) {
  if (!one.n || (dots && (str_eq(one, S(".")) || str_eq(one, S(".."))))) return;
  if (joined->n) buf_byte(joined, '/');
  buf_add(joined, one);
}

/* Path segments: decoded, empty ones dropped, joined by '/'.  dots: "." and ".." are dropped too. */
static Err segments(Cx *cx, Str s, bool dots, const char *part, Str *out) {
  Buf joined = buf_new(cx->arena, s.n + 1);
  while (s.n) {
    Str one, text;
    str_cut(s, '/', &one, &s);
    TRY(percent_decode(cx, one, part, &text));
    if (str_find_char(text, '/') != SIZE_MAX) return fail(cx, E_INVALID, "%s: a segment holds a slash", part);
    segment_add(&joined, text, dots);
  }
  *out = joined.n ? buf_str(&joined) : STR_NONE;
  return E_OK;
}

static void plain_segments(Cx *cx, Str s, bool dots, Str *out) {
  Buf joined = buf_new(cx->arena, s.n + 1);
  for (Str one; s.n;) {
    str_cut(s, '/', &one, &s);
    segment_add(&joined, one, dots);
  }
  *out = joined.n ? buf_str(&joined) : STR_NONE;
}

static void encode_segments(Buf *b, Str s) {
  for (bool first = true; s.n; first = false) {
    Str one;
    str_cut(s, '/', &one, &s);
    if (!first) buf_byte(b, '/');
    percent_encode(b, one);
  }
}

enum { QUALIFIERS_MOST = 64 };

static Err key_is_valid(Cx *cx, Str key) {
  bool ok = key.n && !is_digit(*key.p);
  for (size_t i = 0; i < key.n; i++) ok &= is_alnum(key.p[i]) || strchr(".-_", key.p[i]) != NULL;
  return ok ? E_OK
            : fail(cx, E_INVALID, "qualifier \"%.*s\": a key has letters, digits, '.', '-' and '_' only", STR(key));
}

/* Room for four, most have fewer; then for twice as many. */
static void qualifier_room(Arena *a, Purl *p) {
  size_t n = p->nqualifiers, each = sizeof *p->qualifier;
  if (!n) p->qualifier = NEW_ARRAY(a, 4, PurlQualifier);
  else if (n >= 4 && !(n & (n - 1))) p->qualifier = arena_grow(a, p->qualifier, n * each, 2 * n * each);
}

/* Into its place by key; one without a value is none. */
static Err qualifier_add(Cx *cx, Str key, Str value, Purl *p) {
  TRY(key_is_valid(cx, key));
  key = str_lower(cx->arena, key);
  if (!value.n) return E_OK;
  size_t at = p->nqualifiers;
  while (at > 0 && str_cmp(p->qualifier[at - 1].key, key) > 0) at--;
  if (at > 0 && str_eq(p->qualifier[at - 1].key, key))
    return fail(cx, E_INVALID, "qualifier \"%.*s\" stands twice", STR(key));
  if (p->nqualifiers == QUALIFIERS_MOST)
    return fail(cx, E_INVALID, "a package URL has at most %d qualifiers", QUALIFIERS_MOST);
  qualifier_room(cx->arena, p);
  for (size_t i = p->nqualifiers++; i > at; i--) p->qualifier[i] = p->qualifier[i - 1];
  p->qualifier[at] = (PurlQualifier){ key, value };
  return E_OK;
}

static Err qualifiers(Cx *cx, Str s, Purl *p) {
  while (s.n) {
    Str pair, key, value;
    str_cut(s, '&', &pair, &s);
    if (!pair.n) continue;
    if (!str_cut(pair, '=', &key, &pair)) return fail(cx, E_INVALID, "qualifier \"%.*s\" has no value", STR(key));
    TRY(percent_decode(cx, pair, "qualifier", &value));
    TRY(qualifier_add(cx, key, value, p));
  }
  return E_OK;
}

Str purl_qualifier(const Purl *p, const char *key) {
  for (size_t i = 0; i < p->nqualifiers; i++)
    if (str_eq(p->qualifier[i].key, str_of(key))) return p->qualifier[i].value;
  return STR_NONE;
}

static Str map_chars(Arena *a, Str s, bool (*keep)(char), char other) {
  char *p = str_z(a, s);
  for (size_t i = 0; i < s.n; i++) if (!keep(p[i])) p[i] = other;
  return (Str){ p, s.n };
}

static bool is_name_char(char c) { return is_alnum(c) || c == '_'; }

static bool has_any(Str s, Str chars) {
  for (size_t i = 0; i < s.n; i++)
    if (str_find_char(chars, s.p[i]) != SIZE_MAX) return true;
  return false;
}

/* Rules that only one type has. */
static Err special(Cx *cx, Purl *p) {
  Arena *a = cx->arena;
  Str path;
  if (str_eq(p->type, S("pypi"))) p->name = str_replace(a, p->name, '_', '-');
  if (str_eq(p->type, S("pub"))) p->name = map_chars(a, p->name, is_name_char, '_');
  if (str_eq(p->type, S("git")) && str_cut(p->ns, '/', &p->ns, &path)) /* host/path: the name is the whole path */
    p->name = str_fmt(a, "%.*s/%.*s", STR(path), STR(p->name));
  if (str_eq(p->type, S("git")) && (str_starts(p->ns, S("github")) || str_starts(p->ns, S("bitbucket")))) {
    p->ns = str_lower(a, p->ns);
    p->name = str_lower(a, p->name);
  }
  if (str_eq(p->type, S("mlflow")) && str_find(purl_qualifier(p, "repository_url"), S("databricks")) != SIZE_MAX)
    p->name = str_lower(a, p->name);
  if (str_eq(p->type, S("cpan")) && str_find(p->name, S("::")) != SIZE_MAX)
    return fail(cx, E_INVALID, "name: a cpan package URL names the distribution, not the module");
  if (str_eq(p->type, S("cpan")) && p->ns.n) p->ns = str_upper(a, p->ns);
  if (str_eq(p->type, S("cocoapods")) && (*p->name.p == '.' || has_any(p->name, S(" \t\n\r\v\f+"))))
    return fail(cx, E_INVALID, "name: of a pod has no white space and no '+', and no '.' in front");
  if (str_eq(p->type, S("julia")) && !purl_qualifier(p, "uuid").n)
    return fail(cx, E_INVALID, "julia needs the qualifier uuid");
  if (str_eq(p->type, S("swid")) && !purl_qualifier(p, "tag_id").n)
    return fail(cx, E_INVALID, "swid needs the qualifier tag_id");
  if (str_eq(p->type, S("chrome-extension"))) {
    bool ok = p->name.n == 32;
    for (size_t i = 0; i < p->name.n; i++) ok &= p->name.p[i] >= 'a' && p->name.p[i] <= 'p';
    int dots = 0;
    for (size_t i = 0; i < p->version.n; i++) {
      ok &= is_digit(p->version.p[i]) || p->version.p[i] == '.';
      dots += p->version.p[i] == '.';
    }
    if (!ok || dots > 3)
      return fail(cx, E_INVALID,
                  "chrome-extension: the name has 32 letters a to p, the version four numbers at most");
  }
  return E_OK;
}

static Err normalise(Cx *cx, Purl *p) {
  unsigned rules = rules_of(p->type);
  if ((rules & NS_NEEDED) && !p->ns.n) return fail(cx, E_INVALID, "%.*s needs a namespace", STR(p->type));
  if ((rules & NS_NONE) && p->ns.n) return fail(cx, E_INVALID, "%.*s has no namespace", STR(p->type));
  if ((rules & NS_LOWER) && p->ns.n) p->ns = str_lower(cx->arena, p->ns);
  if (rules & NAME_LOWER) p->name = str_lower(cx->arena, p->name);
  if ((rules & VERSION_LOWER) && p->version.n) p->version = str_lower(cx->arena, p->version);
  return special(cx, p);
}

Str purl_text(Arena *a, const Purl *p) {
  Buf b = buf_new(a, 1u << 20);
  buf_z(&b, "pkg:");
  buf_add(&b, p->type);
  buf_byte(&b, '/');
  if (p->ns.n) {
    encode_segments(&b, p->ns);
    buf_byte(&b, '/');
  }
  if (str_eq(p->type, S("git"))) encode_segments(&b, p->name);
  else percent_encode(&b, p->name);
  if (p->version.n) { buf_byte(&b, '@'); percent_encode(&b, p->version); }
  for (size_t i = 0; i < p->nqualifiers; i++) {
    buf_byte(&b, i ? '&' : '?');
    buf_add(&b, p->qualifier[i].key);
    buf_byte(&b, '=');
    percent_encode(&b, p->qualifier[i].value);
  }
  if (p->subpath.n) { buf_byte(&b, '#'); encode_segments(&b, p->subpath); }
  return buf_str(&b);
}

static Err type_is_valid(Cx *cx, Str type, Str *out) {
  bool ok = type.n && is_alpha(*type.p);
  for (size_t i = 0; i < type.n; i++) ok &= is_alnum(type.p[i]) || type.p[i] == '.' || type.p[i] == '-';
  if (!ok) return fail(cx, E_INVALID, "type \"%.*s\": has letters, digits, '.' and '-', a letter first", STR(type));
  *out = str_lower(cx->arena, type);
  return E_OK;
}

static Err read_type(Cx *cx, Str *s, Str *type) {
  Str scheme;
  if (!str_cut(*s, ':', &scheme, s) || !str_eq_nocase(scheme, S("pkg")))
    return fail(cx, E_INVALID, "a package URL starts with pkg:");
  while (s->n && *s->p == '/') *s = str_slice(*s, 1, s->n);
  if (!str_cut(*s, '/', type, s) || !type->n) return fail(cx, E_INVALID, "a package URL needs a type and a name");
  return type_is_valid(cx, *type, type);
}

static Str cut_last(Str *s, char c) {
  size_t at = str_rfind_char(*s, c);
  if (at == SIZE_MAX) return STR_NONE;
  Str tail = str_slice(*s, at + 1, s->n);
  *s = str_slice(*s, 0, at);
  return tail;
}

/* The parts are decoded; normalised and written they are a package URL. */
static Err finish(Cx *cx, Purl *p, Purl *out) {
  if (!p->name.n || *p->name.p == '@') return fail(cx, E_INVALID, "a package URL needs a name");
  if (!p->version.n) p->version = STR_NONE;
  TRY(normalise(cx, p));
  *out = *p;
  return E_OK;
}

enum { PURL_MAX_BYTES = 8192 };

Err purl_read(Cx *cx, Str text, Purl *out) {
  Purl p = { 0 };
  Str s = str_trim(text);
  if (s.n > PURL_MAX_BYTES) return fail(cx, E_INVALID, "a package URL has at most %d bytes", PURL_MAX_BYTES);
  if (!str_is_utf8(s)) return fail(cx, E_INVALID, "a package URL is UTF-8 text");
  if (str_find_char(s, '\0') != SIZE_MAX) return fail(cx, E_INVALID, "a package URL holds no NUL");
  TRY(segments(cx, cut_last(&s, '#'), true, "subpath", &p.subpath));
  Str query = cut_last(&s, '?');
  TRY(read_type(cx, &s, &p.type));
  TRY(qualifiers(cx, query, &p));
  size_t slash = str_rfind_char(s, '/'), at = str_rfind_char(s, '@');
  if (at != SIZE_MAX && at > 0 && (slash == SIZE_MAX || at > slash + 1)) {   /* not the @ of a scope */
    TRY(percent_decode(cx, str_slice(s, at + 1, s.n), "version", &p.version));
    s = str_slice(s, 0, at);
  }
  while (s.n && s.p[s.n - 1] == '/') s = str_slice(s, 0, s.n - 1);
  slash = str_rfind_char(s, '/');
  TRY(percent_decode(cx, slash == SIZE_MAX ? s : str_slice(s, slash + 1, s.n), "name", &p.name));
  if (slash != SIZE_MAX) TRY(segments(cx, str_slice(s, 0, slash), false, "namespace", &p.ns));
  return finish(cx, &p, out);
}

/* A part of another kind is refused: leaving it out would name another package. */
static Err parts_are_texts(Cx *cx, JVal *parts) {
  static const char *const names[] = { "type", "namespace", "name", "version", "subpath" };
  JVal *qualifiers = json_get(parts, "qualifiers");
  for (size_t i = 0; i < COUNT(names); i++) {
    JVal *v = json_get(parts, names[i]);
    if (v && !yyjson_is_str(v) && !yyjson_is_null(v)) return fail(cx, E_INVALID, "%s: must be text", names[i]);
  }
  if (qualifiers && !yyjson_is_obj(qualifiers) && !yyjson_is_null(qualifiers))
    return fail(cx, E_INVALID, "qualifiers: must be an object of names and texts");
  JSON_MEMBERS(key, value, qualifiers)
  if (!yyjson_is_str(value) && !yyjson_is_null(value))
    return fail(cx, E_INVALID, "qualifier \"%s\": must be text", yyjson_get_str(key));
  return E_OK;
}

Err purl_build(Cx *cx, JVal *parts, Purl *out) {
  Purl p = { .version = json_text(parts, "version"), .name = json_text(parts, "name") };
  Str type = json_text(parts, "type"), path = json_text(parts, "namespace"), sub = json_text(parts, "subpath");
  TRY(parts_are_texts(cx, parts));
  if (p.name.n + p.version.n + type.n + path.n + sub.n > PURL_MAX_BYTES)
    return fail(cx, E_INVALID, "a package URL has at most %d bytes", PURL_MAX_BYTES);
  const Str texts[] = { p.name, p.version, path, sub };
  for (size_t i = 0; i < COUNT(texts); i++)
    if (str_find_char(texts[i], 0) != SIZE_MAX) return fail(cx, E_INVALID, "a package URL holds no NUL");
  TRY(type_is_valid(cx, type, &p.type));
  plain_segments(cx, path, false, &p.ns);
  plain_segments(cx, sub, true, &p.subpath);
  JSON_MEMBERS(key, value, json_get(parts, "qualifiers"))
  TRY(qualifier_add(cx, str_of(yyjson_get_str(key)), json_str(value), &p));
  return finish(cx, &p, out);
}
