/* The strict header, chunked bodies, paths, routes, cookies. */
#include "serve/inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

static void assert_str(Str s, const char *z) { assert_true(str_eq(s, str_of(z))); }

static int hex(char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; }

static Str unescape(Cx *cx, Str s) {
  Buf b = buf_new(cx->arena, 1 << 20);
  char last = 0;
  for (size_t i = 0; i < s.n; i++) {
    uint64_t times;
    size_t close = s.p[i] == '{' ? str_find_char(str_slice(s, i, s.n), '}') : SIZE_MAX;
    if (close != SIZE_MAX && str_uint(str_slice(s, i + 1, i + close), &times)) {
      for (uint64_t k = 1; k < times; k++) buf_byte(&b, last);
      i += close;
      continue;
    }
    last = s.p[i];
    if (last == '\\' && i + 1 < s.n) {
      char c = s.p[++i];
      last = c == 'r' ? '\r' : c == 'n' ? '\n' : c == 't' ? '\t' : c == '0' ? '\0' : c;
      if (c == 'x') { last = (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])); i += 2; }
    }
    buf_byte(&b, last);
  }
  return buf_str(&b);
}

/* -1: not whole yet.  Given in pieces of `piece` bytes, as a network would. */
static int status_of(Str bytes, size_t piece) {
  Buf body = { 0 };
  Reader reader;
  reader_start(&reader, &body);
  Str in = { bytes.p, 0 };
  for (size_t n = 0; reader.state == READ_HEAD; ) {
    if (n >= bytes.n) return -1;
    n = n + piece < bytes.n ? n + piece : bytes.n;
    in.n = (size_t)(bytes.p + n - in.p);
    Refusal r = reader_read(&reader, &in);
    if (r.status) return r.status;
  }
  return 0;
}

static void headers_are_read_strictly(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(16 << 20);
  Str rest, line, want, text;
  int n = 0;
  assert_int_equal(file_read(&cx, CASES, 1 << 20, &rest), E_OK);
  while (str_line(&rest, &line)) {
    if (!line.n || line.p[0] == '#') continue;
    assert_true(str_cut(line, '|', &want, &text));
    int64_t status = -1;
    (void)str_int(str_trim(want), &status);
    Str bytes = unescape(&cx, str_slice(text, 1, text.n));
    static const size_t pieces[] = { 1, 7, 100000 };
    for (size_t i = 0; i < COUNT(pieces); i++) {
      int got = status_of(bytes, pieces[i]);
      if (got != status) print_error("%.*s: got %d\n", STR(line), got);
      assert_int_equal(got, status);
    }
    n++;
  }
  assert_true(n > 45);
}

static void too_many_fields_are_refused(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  for (int extra = 62; extra <= 64; extra++) {
    Buf b = buf_new(cx.arena, 1 << 16);
    buf_z(&b, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < extra; i++) buf_z(&b, "X: y\r\n");
    buf_z(&b, "\r\n");
    assert_int_equal(status_of(buf_str(&b), 1000), extra < 64 ? 0 : 431);
  }
}

static void chunks_are_read_strictly(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  static const struct { int status; const char *in, *out;
  } table[] = {
    { 0, "3\r\nabc\r\n0\r\n\r\n", "abc" },
    { 0, "1\r\na\r\n02\r\nbc\r\n0\r\n\r\n", "abc" },
    { 0, "0\r\n\r\n", "" },
    { 0, "A\r\n0123456789\r\n0\r\n\r\n", "0123456789" },
    { 400, "3;x=y\r\nabc\r\n0\r\n\r\n", "" },
    { 400, "3\nabc\r\n0\r\n\r\n", "" },
    { 400, "3\r\nabcd\r\n0\r\n\r\n", "" },
    { 400, "0\r\nTrailer: x\r\n\r\n", "" },
    { 400, "\r\n", "" },
    { 400, "-1\r\n", "" },
    { 0, "000000001\r\na\r\n0\r\n\r\n", "a" },
    { 400, "3;\r\nabc\r\n0\r\n\r\n", "" },
    { 400, "3 \r\nabc\r\n0\r\n\r\n", "" },
    { 400, "3\r\nabc0\r\n\r\n", "" },
    { 400, "3\r\nabc\n0\r\n\r\n", "" },
    { 400, "0x3\r\nabc\r\n0\r\n\r\n", "" },
    { 400, "0\r\n\n", "" },
    { 400, "10000000000000000\r\n", "" },
    { 413, "ffffffffffffffff\r\n", "" },
    { 413, "ffffffff\r\n01234567890123456789x", "" },
  };
  for (size_t i = 0; i < COUNT(table); i++)
    for (size_t piece = 1; piece < 40; piece += 38) {
      Buf out = buf_new(cx.arena, 20);
      Reader reader;
      Str head = S("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
          all = str_of(table[i].in);
      reader_start(&reader, &out);
      Refusal r = reader_read(&reader, &head);
      assert_int_equal(reader.state, READ_BODY);
      for (size_t at = 0; at < all.n && !r.status; at += piece) {
        Str in = str_slice(all, at, at + piece);
        r = reader_read(&reader, &in);
      }
      if (r.status != table[i].status) print_error("%s: got %d\n", table[i].in, r.status);
      assert_int_equal(r.status, table[i].status);
      if (r.status) continue;
      assert_int_equal(reader.state, READ_DONE);
      assert_str(buf_str(&out), table[i].out);
    }
}

/* What follows a request is left for the next one, whatever the request says about its connection. */
static void a_request_ends_where_it_says(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  static const struct { const char *in, *body; bool keep; } table[] = {
    { "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "", true },
    { "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", "", false },
    { "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", "", false },
    { "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "", true },
    { "POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nab", "ab", true },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "", true },
    { "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc", "abc", false },
    { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc", true },
  };
  static const char next[] = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
  for (size_t i = 0; i < COUNT(table); i++) {
    Buf body = buf_new(cx.arena, 100);
    Reader reader;
    Str in = str_fmt(cx.arena, "%s%s", table[i].in, next);
    reader_start(&reader, &body);
    assert_int_equal(reader_read(&reader, &in).status, 0);
    assert_int_equal(reader.state, READ_BODY);
    assert_int_equal(reader.head.keep, table[i].keep);
    assert_int_equal(reader_read(&reader, &in).status, 0);
    assert_int_equal(reader.state, READ_DONE);
    assert_str(buf_str(&body), table[i].body);
    assert_str(in, next);
  }
}

static int make(Cx *cx, const char *target, Request *req) {
  Head h = { .method = S("GET"), .target = str_of(target) };
  bool is_head;
  return request_make(cx, &h, false, req, &is_head).status;
}

static void paths_are_decoded_once(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  static const struct { const char *target, *path;
  } table[] = {
    { "/", "/" },
    { "/a%20b", "/a b" },
    { "/%25%32%65", "/%2e" },
    { "/a/%252e%252e", "/a/%2e%2e" },
    { "/r/T-001?x=%2e", "/r/T-001" },
    { "/..", NULL },
    { "/a/../b", NULL },
    { "/%2e%2e/x", NULL },
    { "/%2E./x", NULL },
    { "/./x", NULL },
    { "/a%2f..%2fb", NULL },
    { "/%00", NULL },
    { "/%", NULL },
    { "/%2", NULL },
    { "/%zz", NULL },
    { "/%c0%af", NULL },
    { "/%0a", NULL },
    { "/a#b", NULL },
    { "/a?x=%", NULL },
    { "/a?x=%00", NULL },
    { "/a?%ff=1", NULL },
  };
  for (size_t i = 0; i < COUNT(table); i++) {
    Request r = { 0 };
    cx_forgive(&cx);
    int status = make(&cx, table[i].target, &r);
    if ((status == 0) != (table[i].path != NULL)) print_error("%s: %d\n", table[i].target, status);
    assert_int_equal(status, table[i].path ? 0 : 400);
    if (table[i].path) assert_str(r.path, table[i].path);
  }
  Request r = { 0 };
  cx_forgive(&cx);
  assert_int_equal(make(&cx, "/s?q=type%3Athreat+open&empty&q=second", &r), 0);
  assert_str(request_query(&r, "q"), "type:threat open");
  assert_int_equal(request_query(&r, "empty").n, 0);
  assert_null(request_query(&r, "other").p);
}

static Err nothing(Cx *cx, Web *web, const Request *req, Response *res) {
  (void)cx; (void)web; (void)req; (void)res;
  return E_OK;
}

static void routes_are_found(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  static const Route routes[] = {
    { GET, "/", "read", 0, nothing, "" },
    { GET, "/r/{id}", "read", 0, nothing, "" },
    { POST, "/r/{id}/step/{step}", "read", 10, nothing, "" },
  };
  static const struct { Method method; const char *path; Err err; int row; const char *first;
  } table[] = {
    { GET, "/", E_OK, 0, NULL },
    { GET, "/r/T-001", E_OK, 1, "T-001" },
    { POST, "/r/T-001/step/approve", E_OK, 2, "T-001" },
    { POST, "/", E_METHOD, 0, NULL },
    { GET, "/r", E_NOTFOUND, 0, NULL },
    { GET, "/r/", E_NOTFOUND, 0, NULL },
    { GET, "/r/a/b", E_NOTFOUND, 0, NULL },
    { GET, "/R/a", E_NOTFOUND, 0, NULL },
  };
  for (size_t i = 0; i < COUNT(table); i++) {
    Request req = { .method = table[i].method, .path = str_of(table[i].path) };
    const Route *route = NULL;
    cx_forgive(&cx);
    assert_int_equal(route_find(&cx, routes, COUNT(routes), &req, &route), table[i].err);
    if (table[i].err == E_OK) assert_ptr_equal(route, &routes[table[i].row]);
    if (table[i].first) assert_str(req.params[0], table[i].first);
  }
  assert_str(route_allow(cx.arena, routes, COUNT(routes), S("/r/T-001")), "GET, HEAD");
  assert_str(route_allow(cx.arena, routes, COUNT(routes), S("/r/T-001/step/x")), "POST");
  assert_str(route_allow(cx.arena, routes, COUNT(routes), S("/none")), "");
}

static void cookies_and_origins(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  Request r = { .header_cookie = S("a=1; proofline=abc; b=2"), .header_host = S("qms.example:8400") };
  assert_str(request_cookie(&cx, &r, "proofline"), "abc");
  assert_null(request_cookie(&cx, &r, "line").p);
  r.header_cookie = S("proofline=abc; proofline=planted");
  assert_null(request_cookie(&cx, &r, "proofline").p);
  assert_false(request_same_origin(&r));
  r.header_origin = S("http://qms.example:8400");
  assert_true(request_same_origin(&r));
  r.secure = true;
  assert_false(request_same_origin(&r));
  r.header_fetch_site = S("same-origin");
  assert_true(request_same_origin(&r));
  r.header_fetch_site = S("same-site");
  assert_false(request_same_origin(&r));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(headers_are_read_strictly), cmocka_unit_test(too_many_fields_are_refused),
    cmocka_unit_test(chunks_are_read_strictly),  cmocka_unit_test(a_request_ends_where_it_says),
    cmocka_unit_test(paths_are_decoded_once),    cmocka_unit_test(routes_are_found),
    cmocka_unit_test(cookies_and_origins),
  };
  return cmocka_run_group_tests_name("http_head", tests, NULL, NULL);
}
