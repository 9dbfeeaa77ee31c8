/* What browsers and build servers send: application/x-www-form-urlencoded and multipart/form-data (RFC 7578). */
#include "format/format.h"

enum { FIELDS_MOST = 2000, HEAD_MOST = 8192, BOUNDARY_MOST = 200 };   /* RFC 2046 has 70; some clients write more */

typedef VEC(FormField) Fields;

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Err url_decode(Cx *cx, Str s, bool plus_is_space, Str *out) {
  char *p = arena_alloc(cx->arena, s.n + 1);
  size_t n = 0;
  for (size_t i = 0; i < s.n; i++) {
    char c = s.p[i];
    if (c == '+' && plus_is_space) c = ' ';
    else if (c == '%') {
      int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1, low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
      if (i + 2 >= s.n || high < 0 || low < 0)
        return fail(cx, E_UNREADABLE, "A %% without two hexadecimal digits at byte %zu", i);
      c = (char)(high * 16 + low);
      i += 2;
    }
    if (c == 0) return fail(cx, E_UNREADABLE, "A NUL byte near byte %zu", i);
    p[n++] = c;
  }
  *out = (Str){ p, n };
  return E_OK;
}

/* Fields are text; files may be anything. */
static Err add(Cx *cx, Fields *fields, FormField f) {
  if (fields->n == FIELDS_MOST) return fail(cx, E_TOO_LARGE, "The form has more than %d fields", FIELDS_MOST);
  if (!str_is_utf8(f.name) || (!f.file_name.p && !f.media.p && !str_is_utf8(f.value)) ||
      (f.file_name.p && !str_is_utf8(f.file_name)))
    return fail(cx, E_UNREADABLE, "The form field \"%.*s\" is not UTF-8", STR(str_is_utf8(f.name) ? f.name : S("?")));
  vec_add(cx->arena, fields, f);
  return E_OK;
}

static Err read_encoded(Cx *cx, Str body, Fields *fields) {
  while (body.n) {
    Str pair, name, value;
    (void)str_cut(body, '&', &pair, &body);
    if (!pair.n) continue;
    (void)str_cut(pair, '=', &name, &value);
    FormField f = { 0 };
    TRY(url_decode(cx, name, true, &f.name));
    TRY(url_decode(cx, value, true, &f.value));
    TRY(add(cx, fields, f));
  }
  return E_OK;
}

/* ---- multipart ---- */

/* Takes the next `; name=value` or `; name="value"` off *rest; browsers write %22 for " and %0D%0A for line ends
 * (HTML 4.10.21.8); older ones and curl write a backslash before " and \. */
static bool parameter(Arena *a, Str *rest, Str *name, Str *value) {
  Str s = str_trim(*rest);
  if (!s.n || s.p[0] != ';') return false;
  size_t is = str_find_char(s, '=');
  if (is == SIZE_MAX) return false;
  *name = str_trim(str_slice(s, 1, is));
  s = str_slice(s, is + 1, s.n);
  if (!s.n || s.p[0] != '"') {
    size_t end = str_find_char(s, ';');
    *value = str_trim(str_slice(s, 0, end));
    *rest = str_slice(s, end, s.n);
    return true;
  }
  char *p = arena_alloc(a, s.n);
  size_t n = 0, i = 1;
  for (; i < s.n && s.p[i] != '"'; i++) {
    bool escaped = s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\');
    if (escaped) i++;
    bool quote = str_starts(str_slice(s, i, s.n), S("%22"));
    p[n++] = quote ? '"' : s.p[i];
    if (quote) i += 2;
  }
  if (i == s.n) return false;   /* never closed: stays in *rest */
  *value = (Str){ p, n };
  *rest = str_slice(s, i + 1, s.n);
  return true;
}

/* A browser on Windows once sent the whole path; the name is data in any case. */
static Str last_part(Str path) {
  size_t slash = str_rfind_char(path, '/'), back = str_rfind_char(path, '\\');
  size_t at = slash == SIZE_MAX ? back : back == SIZE_MAX || slash > back ? slash : back;
  return at == SIZE_MAX ? path : str_slice(path, at + 1, path.n);
}

static Err disposition(Cx *cx, Str text, FormField *f) {
  Str kind = str_slice(text, 0, str_find_char(text, ';')), rest = str_slice(text, kind.n, text.n), name, value;
  if (!str_eq_nocase(str_trim(kind), S("form-data")))
    return fail(cx, E_UNREADABLE, "A part of the form is not form-data");
  while (parameter(cx->arena, &rest, &name, &value)) {
    if (str_eq_nocase(name, S("name"))) f->name = value;
    else if (str_eq_nocase(name, S("filename"))) f->file_name = last_part(value);
  }
  if (str_trim(rest).n) return fail(cx, E_UNREADABLE, "The Content-Disposition of a part of the form cannot be read");
  return E_OK;
}

static Err part_head(Cx *cx, Str head, FormField *f) {
  Str line, name, value;
  while (str_line(&head, &line)) {
    if (!str_cut(line, ':', &name, &value))
      return fail(cx, E_UNREADABLE, "A header of a part of the form has no colon");
    if (str_eq_nocase(name, S("content-disposition"))) TRY(disposition(cx, str_trim(value), f));
    else if (str_eq_nocase(name, S("content-type"))) f->media = str_trim(value);
    else if (str_eq_nocase(name, S("content-transfer-encoding"))) {
      value = str_trim(value);
      if (!str_eq_nocase(value, S("binary")) && !str_eq_nocase(value, S("8bit")) && !str_eq_nocase(value, S("7bit")))
        return fail(cx, E_FORMAT, "A part of the form is encoded as %.*s; send it as it is (binary)", STR(value));
    }
  }
  if (!f->name.p) return fail(cx, E_UNREADABLE, "A part of the form has no name");
  return E_OK;
}

/* One part: head, empty line, content up to CRLF--boundary, which is left at the front of *rest. */
static Err part(Cx *cx, Str *rest, Str delimiter, FormField *out) {
  FormField f = { 0 };
  size_t head = str_find(str_slice(*rest, 0, HEAD_MOST), S("\r\n\r\n"));
  if (head == SIZE_MAX)
    return fail(cx, E_UNREADABLE, "A part of the form has no end of its headers within %d bytes", HEAD_MOST);
  TRY(part_head(cx, str_slice(*rest, 0, head), &f));
  Str content = str_slice(*rest, head + 4, rest->n);
  /* an empty content may end in the line end of the head */
  Str from_line_end = str_slice(*rest, head + 2, rest->n);
  if (str_starts(from_line_end, delimiter)) {
    f.value = S("");
    *rest = from_line_end;
  } else {
    size_t end = str_find(content, delimiter);
    if (end == SIZE_MAX)
      return fail(cx, E_UNREADABLE, "The form ends inside of its field \"%.*s\"", STR(str_slice(f.name, 0, 60)));
    f.value = str_slice(content, 0, end);
    *rest = str_slice(content, end, content.n);
  }
  *out = f;
  return E_OK;
}

static Err read_multipart(Cx *cx, Str boundary, Str body, Fields *fields) {
  if (!boundary.n || boundary.n > BOUNDARY_MOST)
    return fail(cx, E_UNREADABLE, "The multipart form has no usable boundary");
  Str delimiter = str_fmt(cx->arena, "\r\n--%.*s", STR(boundary));
  Str first = str_slice(delimiter, 2, delimiter.n);
  size_t at = str_starts(body, first) ? 0 : str_find(body, delimiter);
  if (at == SIZE_MAX) return fail(cx, E_UNREADABLE, "The form does not contain its boundary");
  Str rest = str_slice(body, at ? at + delimiter.n : first.n, body.n);
  while (!str_starts(rest, S("--"))) {
    size_t line = str_find(str_slice(rest, 0, 128), S("\r\n"));   /* RFC 2046 allows blanks after the boundary */
    if (line == SIZE_MAX || str_trim(str_slice(rest, 0, line)).n)
      return fail(cx, E_UNREADABLE, "The form ends without its closing boundary");
    rest = str_slice(rest, line + 2, rest.n);
    FormField f;
    TRY(part(cx, &rest, delimiter, &f));
    TRY(add(cx, fields, f));
    rest = str_slice(rest, delimiter.n, rest.n);
  }
  return E_OK;
}

Err form_read(Cx *cx, Str content_type, Str body, Form *out) {
  Str media = str_slice(content_type, 0, str_find_char(content_type, ';')),
      rest = str_slice(content_type, media.n, content_type.n);
  Str name, value, boundary = STR_NONE;
  Fields fields = { 0 };
  media = str_trim(media);
  if (str_eq_nocase(media, S("application/x-www-form-urlencoded"))) TRY(read_encoded(cx, body, &fields));
  else if (str_eq_nocase(media, S("multipart/form-data"))) {
    while (parameter(cx->arena, &rest, &name, &value)) if (str_eq_nocase(name, S("boundary"))) boundary = value;
    TRY(read_multipart(cx, boundary, body, &fields));
  } else
    return fail(cx, E_FORMAT,
                "A form of type \"%.*s\" is not taken; nothing was stored; send application/x-www-form-urlencoded "
                "or multipart/form-data",
                STR(str_slice(media, 0, 80)));
  *out = (Form){ fields.p, fields.n };
  return E_OK;
}

Str form_get(const Form *f, const char *name) {
  for (size_t i = 0; i < f->n; i++)
    if (str_eq(f->field[i].name, str_of(name))) return f->field[i].value;
  return STR_NONE;
}
