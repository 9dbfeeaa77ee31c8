/* The header of an answer, and its compression. */
#include "serve/inside.h"
#include <libdeflate.h>
#include <string.h>

enum { COMPRESS_FROM = 1024, LEVEL = 5 };

struct Sender { struct libdeflate_compressor *gzip; int64_t date_s; char date[40]; };

Sender *sender_new(Arena *a) {
  Sender *s = NEW(a, Sender);
  s->gzip = libdeflate_alloc_compressor(LEVEL);
  return s;
}

void sender_free(Sender *s) { if (s && s->gzip) libdeflate_free_compressor(s->gzip); }

static const char *reason(int status) {
  static const struct { int status; const char *words;
  } table[] = {
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 303, "See Other" },
    { 304, "Not Modified" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 414, "URI Too Long" },
    { 415, "Unsupported Media Type" },
    { 422, "Unprocessable Content" },
    { 428, "Precondition Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 502, "Bad Gateway" },
    { 503, "Service Unavailable" },
    { 505, "HTTP Version Not Supported" },
    { 507, "Insufficient Storage" },
  };
  for (size_t i = 0; i < COUNT(table); i++) if (table[i].status == status) return table[i].words;
  return "Answer";
}

static const char page_policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
                                  "data:; connect-src 'self'; form-action 'self'; "
                                  "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for "
                                  "'script'; trusted-types fragment";
static const char file_policy[] = "sandbox; default-src 'none'; frame-ancestors 'none'";
static const char always[] =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), microphone=(), geolocation=()\r\n";

/* IMF-fixdate, made once a second. */
static const char *date_line(Sender *s, int64_t now_us) {
  static const char days[] = "ThuFriSatSunMonTueWed", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  int64_t now_s = now_us / US_PER_S;
  if (s->date_s == now_s) return s->date;
  Arena *a = arena_new(4096);
  Str text = time_text(a, now_s * US_PER_S);
  int32_t day = date_of(now_us);
  uint64_t month = 1;
  (void)str_uint(str_slice(text, 5, 7), &month);
  Str line = str_fmt(a, "%.3s, %.2s %.3s %.4s %.8s GMT", days + day % 7 * 3, text.p + 8,
                     months + (month - 1) * 3, text.p, text.p + 11);
  memcpy(s->date, line.p, line.n < sizeof s->date ? line.n + 1 : sizeof s->date - 1);
  s->date_s = now_s;
  arena_free(a);
  return s->date;
}

/* A value with a line end in it would start a header of its own. */
static void header(Buf *b, const char *name, Str value) {
  if (!value.n) return;
  for (size_t i = 0; i < value.n; i++)
    if ((unsigned char)value.p[i] < 32 && value.p[i] != '\t') return;
  buf_z(b, name);
  buf_z(b, ": ");
  buf_add(b, value);
  buf_z(b, "\r\n");
}

static bool is_text(Str media) {
  return str_starts(media, S("text/")) || str_starts(media, S("application/json")) ||
         str_find(media, S("+json")) != SIZE_MAX || str_starts(media, S("image/svg"));
}

static void compress(Cx *cx, Sender *s, Response *res) {
  if (res->body.n < COMPRESS_FROM || res->encoding.n || !s->gzip || !is_text(res->media)) return;
  char *to = arena_alloc(cx->arena, res->body.n);
  size_t n = libdeflate_gzip_compress(s->gzip, res->body.p, res->body.n, to, res->body.n);
  if (!n) return;   /* would not be smaller */
  res->body = (Str){ to, n };
  res->encoding = S("gzip");
}

Str response_head(Cx *cx, Sender *s, const Request *req, Response *res, bool gzip, bool keep) {
  if (!res->status) res->status = 200;
  if (!res->media.n) res->media = S("text/html; charset=utf-8");
  if (gzip) compress(cx, s, res);
  if (res->status == 503 && !res->retry_after_s) res->retry_after_s = 2;
  Buf b = buf_new(cx->arena, 64 * 1024);
  buf_fmt(&b, "HTTP/1.1 %d %s\r\nDate: %s\r\n", res->status, reason(res->status),
          date_line(s, clock_now_us()));
  buf_z(&b, always);
  header(&b, "Content-Security-Policy", str_of(res->sandbox ? file_policy : page_policy));
  if (req && req->secure) buf_z(&b, "Strict-Transport-Security: max-age=31536000\r\n");
  buf_z(&b, res->immutable ? "Cache-Control: public, max-age=31536000, immutable\r\n"
                           : "Cache-Control: no-store\r\n");
  if (res->status != 304 && res->status != 204) header(&b, "Content-Type", res->media);
  header(&b, "Content-Encoding", res->encoding);
  header(&b, "Vary", is_text(res->media) ? S("Accept-Encoding, X-Fragment") : STR_NONE);
  header(&b, "Location", res->location);
  header(&b, "Content-Disposition", res->disposition);
  header(&b, "ETag", res->etag);
  header(&b, "Allow", res->allow);
  for (size_t i = 0; i < COUNT(res->set_cookie); i++) header(&b, "Set-Cookie", res->set_cookie[i]);
  if (res->retry_after_s) buf_fmt(&b, "Retry-After: %d\r\n", res->retry_after_s);
  if (req) header(&b, "X-Request-Id", req->request_id);
  if (!keep) buf_z(&b, "Connection: close\r\n");
  if (res->status != 304 && res->status != 204) buf_fmt(&b, "Content-Length: %zu\r\n", res->body.n);
  buf_z(&b, "\r\n");
  return buf_str(&b);
}

/* ---- static files ------------------------------------------------------------------------------------- */

const Asset *asset_find(Str name) {
  for (size_t i = 0; i < serve_nassets; i++)
    if (str_eq(name, str_of(serve_assets[i].name))) return &serve_assets[i];
  return NULL;
}

Str asset_url(Arena *a, const char *name) {
  const Asset *asset = asset_find(str_of(name));
  return str_fmt(a, "/a/%s/%s", asset ? asset->tag : "0", name);
}

bool asset_answer(Cx *cx, const Request *req, bool gzip, Response *res) {
  Str rest = req->path, tag, name;
  if (!str_starts(rest, S("/a/"))) return false;
  (void)str_cut(str_slice(rest, 3, rest.n), '/', &tag, &name);
  const Asset *asset = req->method == GET ? asset_find(name) : NULL;
  if (!asset || !str_eq(tag, str_of(asset->tag))) {   /* an old tag must not be cached as the new file */
    *res = (Response){ .status = 404,
                       .media = S("text/plain; charset=utf-8"),
                       .body = S("There is no such file.\n") };
    return true;
  }
  bool packed = gzip && asset->ngz;
  *res = (Response){ .media = str_of(asset->media),
                     .immutable = true,
                     .etag = str_fmt(cx->arena, "\"%s\"", asset->tag),
                     .encoding = packed ? S("gzip") : STR_NONE,
                     .body = packed ? (Str){ (const char *)asset->gz, asset->ngz }
                                    : (Str){ (const char *)asset->bytes, asset->n } };
  return true;
}
