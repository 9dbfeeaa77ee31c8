/* Text into HTML and into URLs. */
#include "format/format.h"

static Str entity(char c) {
  if (c == '&') return S("&amp;");
  if (c == '<') return S("&lt;");
  if (c == '>') return S("&gt;");
  if (c == '"') return S("&quot;");
  if (c == '\'') return S("&#39;");
  return STR_NONE;
}

void html_text(Buf *b, Str s) {
  size_t from = 0;
  for (size_t i = 0; i < s.n; i++) {
    Str e = entity(s.p[i]);
    if (!e.p) continue;
    buf_add(b, str_slice(s, from, i));
    buf_add(b, e);
    from = i + 1;
  }
  buf_add(b, str_slice(s, from, s.n));
}

void html_add(Buf *b, Html h) { buf_add(b, h.s); }

static bool link_is_safe(Str s) {
  static const char *const schemes[] = { "https://", "http://", "mailto:" };
  for (size_t i = 0; i < COUNT(schemes); i++)
    if (str_eq_nocase(str_slice(s, 0, str_of(schemes[i]).n), str_of(schemes[i]))) return true;
  if (str_starts(s, S("//")) || str_starts(s, S("/\\"))) return false;   /* another host in a path's clothes */
  return !s.n || s.p[0] == '/' || s.p[0] == '?' || s.p[0] == '#';
}

void html_link(Buf *b, Str s) { html_text(b, link_is_safe(s) ? s : S("#")); }

static bool unreserved(char c) {   /* RFC 3986 2.3 */
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void url_text(Buf *b, Str s) {
  static const char digit[] = "0123456789ABCDEF";
  for (size_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if (unreserved(s.p[i])) { buf_byte(b, s.p[i]); continue; }
    buf_byte(b, '%');
    buf_byte(b, digit[c >> 4]);
    buf_byte(b, digit[c & 15]);
  }
}
