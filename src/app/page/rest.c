/* The REST API: records read, listed, made, changed and moved on through the commands that the pages use. */
#include "app/page/record.h"
#include "app/page/rest.h"

enum { REST_ROWS = 100, REST_ROWS_MOST = 1000, REST_BYTES = 32 << 20 };

bool rest_is(const Request *req) { return str_starts(req->path, S("/rest/")); }

/* A token, or for reading the session of a page.  A session writes only through forms, which have their own proof. */
Err rest_who(Cx *cx, Web *web, const Request *req) {
  bool token = req->header_authorization.n || req->header_api_key.n;
  if (token) {
    TRY(people_token(cx, web->store, req, &web->who));
    Answer answer = { 0 };
    Ask used = { .command = S("token.used"), .actor = web->who.id, .auth = S("none"), .source = S("api"),
                 .request = req->request_id,
                 .args_json = str_fmt(cx->arena, "{\"id\":\"%.*s\",\"address\":\"%.*s\"}", STR(web->who.token),
                                      STR(req->address)) };
    return writer_ask(cx, web->writer, &used, 1, &answer);
  }
  if (req->method != GET)
    return fail(cx, E_UNAUTHENTIC,
                "Writing needs a token: Authorization: Bearer pl_... Make one on your account page.");
  return people_session(cx, web->store, web->set, req, &web->who);
}

/* ---- answers ------------------------------------------------------------------------------------------- */

/* RFC 9457. */
void rest_error(Cx *cx, const Request *req, Err e, Response *res) {
  Buf b = buf_new(cx->arena, REST_BYTES);
  JsonOut o = json_out(&b, false);
  int status = err_status(e) == 200 ? 500 : err_status(e);
  json_object(&o);
  json_pair(&o, "type", str_fmt(cx->arena, "/doc/problem/%s", err_slug(e)));
  json_pair(&o, "title", str_of(err_title(e)));
  json_pair_int(&o, "status", status);
  json_pair(&o, "detail", cx->words.p ? cx->words : S(""));
  json_pair(&o, "instance", req->path);
  json_pair(&o, "request_id", req->request_id);
  if (cx->problems.n) {
    json_key(&o, "errors");
    json_array(&o);
    for (size_t i = 0; i < cx->problems.n; i++) {
      json_object(&o);
      json_pair(&o, "pointer", str_fmt(cx->arena, "/%.*s", STR(cx->problems.p[i].field)));
      json_pair(&o, "detail", cx->problems.p[i].words);
      json_object_end(&o);
    }
    json_array_end(&o);
  }
  json_object_end(&o);
  *res = (Response){ .status = status, .media = S("application/problem+json"), .body = buf_str(&b) };
}

void rest_refuse(Cx *cx, const Request *req, Response *res) {
  Err e = res->status == 405 ? E_METHOD : res->status == 413 ? E_TOO_LARGE : E_USAGE;
  Str allow = res->allow, words = str_trim(res->body);
  cx_forgive(cx);
  rest_error(cx, req, fail(cx, e, "%.*s", STR(words)), res);
  res->allow = allow;
}

static Err answer(Cx *cx, Buf *b, Response *res) {
  if (b->over) return fail(cx, E_LIMIT, "This answer would be larger than %d bytes. Ask for fewer rows", REST_BYTES);
  res->media = S("application/json");
  res->body = buf_str(b);
  return E_OK;
}

static Str etag_of(Cx *cx, const Record *r) {
  return str_fmt(cx->arena, "\"%lld-%.8s\"", (long long)r->rev, hash_hex(cx->arena, r->hash).p);
}

/* Of the day that was asked for, or of now; rev 0: the last. */
static Err read_record(Cx *cx, Web *web, Str id, int64_t rev, Record *out) {
  if (web->asof_size >= 0) return record_get_at(cx, web->store, id, web->asof_size, out);
  return record_get(cx, web->store, id, rev, out);
}

static Err read_signatures(Cx *cx, Web *web, Str id, Signatures *out) {
  Signatures all = { 0 };
  TRY(record_signatures(cx, web->store, id, &all));
  while (web->asof_size >= 0 && all.n && all.p[all.n - 1].seq >= web->asof_size) all.n--; /* the oldest first */
  *out = all;
  return E_OK;
}

static Err answer_record(Cx *cx, Web *web, Str id, int64_t rev, Response *res) {
  Record r = { 0 };
  Signatures signatures = { 0 };
  Buf b = buf_new(cx->arena, REST_BYTES);
  JsonOut o = json_out(&b, false);
  TRY(read_record(cx, web, id, rev, &r));
  TRY(read_signatures(cx, web, r.id, &signatures));
  record_json(cx, &o, &r, &signatures);
  res->etag = etag_of(cx, &r);
  return answer(cx, &b, res);
}

/* ---- which record -------------------------------------------------------------------------------------- */

/* "security_risks", "security_risk", "capas" */
static Err type_of(Cx *cx, Web *web, Str word, const RecordType **out) {
  *out = record_type(word);
  if (!*out && str_ends(word, S("ies"))) *out = record_type(str_fmt(cx->arena, "%.*sy", (int)word.n - 3, word.p));
  if (!*out && str_ends(word, S("s"))) *out = record_type(str_slice(word, 0, word.n - 1));
  if (*out && who_type_ok(&web->who, (*out)->name)) return E_OK;
  return fail(cx, E_NOTFOUND, "There is no type '%.*s'.", STR(str_head(word, 60)));
}

static Err record_of(Cx *cx, Web *web, const Request *req, const RecordType **type) {
  TRY(type_of(cx, web, req->params[0], type));
  TRY(web_record_known(cx, web, req->params[1]));
  if (node_type(web->graph, graph_find(web->graph, req->params[1])) == *type) return E_OK;
  return fail(cx, E_NOTFOUND, "There is no %s '%.*s'.", (*type)->name, STR(str_head(req->params[1], 60)));
}

/* ---- reading ------------------------------------------------------------------------------------------- */

static Err list_nodes(Cx *cx, Web *web, const Request *req, const RecordType *type, Nodes *out, size_t *total,
                      bool *more) {
  QueryScope scope = { .me = web->who.id, .now_us = cx->now_us, .type = type };
  Query *q;
  int64_t limit = REST_ROWS;
  Str asked = request_query(req, "limit"), words = request_query(req, "q");
  if (asked.n && (!str_int(asked, &limit) || limit < 1 || limit > REST_ROWS_MOST))
    return fail(cx, E_INVALID, "limit: must be 1 to %d", REST_ROWS_MOST);
  TRY(query_compile(cx, str_fmt(cx->arena, "type:%s %.*s", type->name, STR(words)), &scope, &q));
  return query_page(cx, web->graph, q, request_query(req, "cursor"), (size_t)limit, out, total, more);
}

Err rest_list(Cx *cx, Web *web, const Request *req, Response *res) {
  const RecordType *type;
  Nodes nodes = { 0 };
  size_t total = 0;
  bool more = false;
  Buf b = buf_new(cx->arena, REST_BYTES);
  JsonOut o = json_out(&b, false);
  TRY(type_of(cx, web, req->params[0], &type));
  TRY(list_nodes(cx, web, req, type, &nodes, &total, &more));
  json_object(&o);
  json_key(&o, "items");
  json_array(&o);
  for (size_t i = 0; i < nodes.n; i++) {
    Record r = { 0 };
    TRY(read_record(cx, web, node_id(web->graph, nodes.p[i]), 0, &r));
    record_json(cx, &o, &r, NULL);
  }
  json_array_end(&o);
  json_pair(&o, "next", more ? node_id(web->graph, nodes.p[nodes.n - 1]) : STR_NONE);
  json_pair_int(&o, "total", (int64_t)total);
  if (web->asof.n) json_pair(&o, "asof", time_text(cx->arena, cx->now_us));
  json_object_end(&o);
  return answer(cx, &b, res);
}

Err rest_get(Cx *cx, Web *web, const Request *req, Response *res) {
  const RecordType *type;
  int64_t rev = 0;
  Str asked = request_query(req, "rev");
  TRY(record_of(cx, web, req, &type));
  if (asked.n && (!str_int(asked, &rev) || rev < 1)) return fail(cx, E_INVALID, "rev: must be a number from 1 up");
  return answer_record(cx, web, req->params[1], rev, res);
}

Err rest_history(Cx *cx, Web *web, const Request *req, Response *res) {
  const RecordType *type;
  LogRows rows = { 0 };
  TreeHead head;
  Buf b = buf_new(cx->arena, REST_BYTES);
  JsonOut o = json_out(&b, false);
  TRY(record_of(cx, web, req, &type));
  TRY(ledger_head(cx, web->store, &head));
  if (web->asof_size >= 0) head.size = web->asof_size - 1;
  TRY(ledger_entries(cx, web->store, node_id(web->graph, graph_find(web->graph, req->params[1])), 0, head.size,
                     REST_ROWS_MOST, &rows));
  json_object(&o);
  json_key(&o, "items");
  json_array(&o);
  for (size_t i = 0; i < rows.n; i++) {
    const LogRow *l = &rows.p[i];
    json_object(&o);
    json_pair_int(&o, "seq", l->seq);
    json_pair(&o, "time", time_text(cx->arena, l->t_us));
    json_pair(&o, "act", l->act);
    json_pair(&o, "actor", l->actor);
    json_pair(&o, "object", l->obj);
    json_pair(&o, "to", l->to);
    json_pair(&o, "reason", l->reason);
    json_pair(&o, "hash", hash_hex(cx->arena, l->hash));
    json_object_end(&o);
  }
  json_array_end(&o);
  if (web->asof.n) json_pair(&o, "asof", time_text(cx->arena, cx->now_us));
  json_object_end(&o);
  return answer(cx, &b, res);
}

/* ---- writing ------------------------------------------------------------------------------------------- */

static Err ask(Cx *cx, Web *web, const Request *req, const char *command, Str args, Str reason, JVal **result) {
  Answer a = { 0 };
  Ask one = { .command = str_of(command), .actor = web->who.id,
              .auth = str_fmt(cx->arena, "token:%.*s", STR(web->who.token)), .source = S("api"),
              .request = req->request_id, .reason = reason, .args_json = args };
  TRY(writer_ask(cx, web->writer, &one, 1, &a));
  TRY(answer_result(cx, &a));
  return json_read(cx, a.result_json, &JSON_BODY, result);
}

/* The body without "reason" is the input; "id" names a new record.  More is read than fits, to name what is long. */
static Err read_body(Cx *cx, const RecordType *t, const Request *req, JVal **body, Str *reason, Str *input) {
  enum { READ_MOST = 16 << 20 };
  JsonLimits limits = JSON_BODY;
  limits.max_bytes = limits.max_string_bytes = READ_MOST;
  Buf b = buf_new(cx->arena, REST_BYTES);
  JsonOut o = json_out(&b, false);
  TRY(json_read(cx, req->body, &limits, body));
  if (!yyjson_is_obj(*body)) return fail(cx, E_INVALID, "The body must be a JSON object.");
  *reason = json_text(*body, "reason").p ? json_text(*body, "reason") : S("");
  json_object(&o);
  JSON_MEMBERS(k, v, *body) {
    Str key = json_str(k);
    if (str_eq(key, S("reason")) || str_eq(key, S("id"))) continue;
    if (yyjson_is_str(v)) record_text_fits(cx, t, key, json_str(v));
    json_key_str(&o, key);
    json_put_val(&o, v);
  }
  json_object_end(&o);
  *input = buf_str(&b);
  return problems_fail(cx);
}

Err rest_new(Cx *cx, Web *web, const Request *req, Response *res) {
  const RecordType *type;
  JVal *body, *result;
  Str reason, input;
  Buf b = buf_new(cx->arena, REST_BYTES);
  JsonOut o = json_out(&b, false);
  TRY(type_of(cx, web, req->params[0], &type));
  TRY(read_body(cx, type, req, &body, &reason, &input));
  json_object(&o);
  json_pair(&o, "type", str_of(type->name));
  if (json_text(body, "id").n) json_pair(&o, "id", json_text(body, "id"));
  json_key(&o, "input");
  json_put_raw(&o, input);
  json_object_end(&o);
  TRY(ask(cx, web, req, "record.new", buf_str(&b), reason, &result));
  res->status = 201;
  res->location = str_fmt(cx->arena, "/rest/v1/%s/%.*s", type->name, STR(json_text(result, "id")));
  b = buf_new(cx->arena, REST_BYTES);
  o = json_out(&b, false);
  json_put_val(&o, result);
  return answer(cx, &b, res);
}

/* If-Match: "8-5f0c91ab"; the number is the revision that was looked at. */
static Err base_of(Cx *cx, const Request *req, int64_t *base) {
  Str s = req->header_if_match, rev, rest;
  if (!s.n)
    return fail(cx, E_PRECONDITION,
                "Say in If-Match which revision you changed: the ETag of what you read. Nothing was "
                "changed.");
  if (s.n > 2 && s.p[0] == '"') s = str_slice(s, 1, s.n - 1);
  (void)str_cut(s, '-', &rev, &rest);
  return str_int(rev, base) ? E_OK : fail(cx, E_INVALID, "If-Match: not an ETag of this API. Nothing was changed.");
}

static Err write_one(Cx *cx, Web *web, const Request *req, const char *command, const char *member, Str value,
                     Str reason, Response *res) {
  JVal *result;
  int64_t base;
  Buf b = buf_new(cx->arena, REST_BYTES);
  JsonOut o = json_out(&b, false);
  TRY(base_of(cx, req, &base));
  json_object(&o);
  json_pair(&o, "id", req->params[1]);
  json_pair_int(&o, "base", base);
  json_key(&o, member);
  json_put_raw(&o, value);
  json_object_end(&o);
  TRY(ask(cx, web, req, command, buf_str(&b), reason, &result));
  b = buf_new(cx->arena, REST_BYTES);
  o = json_out(&b, false);
  json_put_val(&o, result);
  return answer(cx, &b, res);
}

Err rest_save(Cx *cx, Web *web, const Request *req, Response *res) {
  const RecordType *type;
  JVal *body;
  Str reason, input;
  TRY(record_of(cx, web, req, &type));
  TRY(read_body(cx, type, req, &body, &reason, &input));
  return write_one(cx, web, req, "record.save", "input", input, reason, res);
}

Err rest_step(Cx *cx, Web *web, const Request *req, Response *res) {
  const RecordType *type;
  JVal *body;
  Str reason, input;
  Buf b = buf_new(cx->arena, 4096);
  JsonOut o = json_out(&b, false);
  TRY(record_of(cx, web, req, &type));
  TRY(read_body(cx, type, req, &body, &reason, &input));
  if (!json_text(body, "step").n) return fail(cx, E_INVALID, "step: name the step to take.");
  json_put_str(&o, json_text(body, "step"));
  return write_one(cx, web, req, "record.step", "step", buf_str(&b), reason, res);
}
