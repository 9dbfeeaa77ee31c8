/* Files of a record: added by a form, given out as bytes that a browser may only save. */
#include "app/page/record.h"

/* A name as RFC 6266 wants it: an ASCII one without anything that ends the value, and the whole one encoded. */
static Str disposition(Cx *cx, Str name) {
  Buf b = buf_new(cx->arena, 4096);
  buf_z(&b, "attachment; filename=\"");
  for (size_t i = 0; i < name.n; i++) {
    unsigned char c = (unsigned char)name.p[i];
    bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' || c == '_' ||
                 (c == '.' && i && name.p[i - 1] != '.');
    buf_byte(&b, plain ? (char)c : '_');
  }
  buf_z(&b, "\"; filename*=UTF-8''");
  url_text(&b, name);
  return buf_str(&b);
}

/* By the revision that the page shows; a file that a later revision dropped is still of the earlier one. */
Err page_record_file(Cx *cx, Web *web, const Request *req, Response *res) {
  RecordView v = { 0 };
  int64_t rev = 0;
  Str asked = request_query(req, "rev"), bytes;
  if (asked.p && (!str_int(asked, &rev) || rev < 1)) return fail(cx, E_USAGE, "rev wants a revision number from 1 up");
  TRY(record_view(cx, web, req->params[0], rev, &v));
  const FileRef *f = record_file(&v.record, req->params[1]);
  if (!f) return fail(cx, E_NOTFOUND, "%.*s has no such file", STR(v.record.id));
  TRY(blob_get(cx, web->store, f->sha256, &bytes));
  if (!str_eq(hash_hex(cx->arena, sha256(bytes)), f->sha256))
    return fail(cx, E_INTEGRITY, "The stored file is not the one that was added. Run: proofline verify");
  *res = (Response){ .media = f->media, .body = bytes, .disposition = disposition(cx, f->name), .sandbox = true };
  return E_OK;
}

static Str base_of(Cx *cx, const Form *form, const char *name, Str value, Str id) {
  Buf b = buf_new(cx->arena, 16 * 1024);
  JsonOut o = json_out(&b, false);
  int64_t base;
  json_object(&o);
  json_pair(&o, "id", id);
  json_pair(&o, name, value.p ? value : S(""));
  if (str_int(form_get(form, "base"), &base)) json_pair_int(&o, "base", base);
  json_object_end(&o);
  return buf_str(&b);
}

Err post_record_file(Cx *cx, Web *web, const Request *req, Response *res) {
  RecordView v = { 0 };
  Form form;
  Answer a = { 0 };
  TRY(record_view(cx, web, req->params[0], 0, &v));
  TRY(web_form(cx, web, req, &form));
  Str hash = form_get(&form, "drop"), reason = form_get(&form, "reason");
  if (hash.n) {
    Str args = base_of(cx, &form, "sha256", hash, v.record.id);
    TRY(web_ask(cx, web, req, S("record.detach"), args, STR_NONE, reason, &a));
  } else {
    Str bytes = form_get(&form, "file"), name = STR_NONE;
    for (size_t i = 0; i < form.n; i++)
      if (str_eq(form.field[i].name, S("file"))) name = form.field[i].file_name;
    if (!name.n) return fail(cx, E_USAGE, "No file was chosen. Nothing was stored");
    TRY(web_ask(cx, web, req, S("record.attach"), base_of(cx, &form, "name", name, v.record.id), bytes, reason, &a));
  }
  return web_redirect(cx, res, web_record_url(cx, v.record.id));
}
