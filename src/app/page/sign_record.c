/* The signing page: the frozen revision as it is signed, the manifest in words, password and code. */
#include "app/page/talk.h"
#include "app/page/web.h"
#include "app/triage.h"
#include "sign_record.html.h"

/* ---- what is asked ------------------------------------------------------------------------------------- */

/* /r/{id}/sign/{step}, or /sign?step=approve&id=T-001&id=T-002. */
static SignWhat what_of_query(Cx *cx, Web *web, const Request *req) {
  Str *id = NEW_ARRAY(cx->arena, req->nquery + 1, Str);
  SignWhat what = { .step = req->params[1], .session = web->who.session, .id = id };
  if (req->params[0].n) id[what.n++] = req->params[0];
  else what.step = request_query(req, "step");
  for (size_t i = 0; i < req->nquery; i++)
    if (!req->params[0].n && str_eq(req->query[i].name, S("id"))) id[what.n++] = req->query[i].value;
  return what;
}

static SignWhat what_of_form(Cx *cx, Web *web, const Form *form) {
  Str *id = NEW_ARRAY(cx->arena, SIGN_MOST + 1, Str), rest = form_get(form, "ids");
  SignWhat what = { .step = form_get(form, "step"),
                    .session = web->who.session,
                    .id = id,
                    .nonce = form_get(form, "nonce"),
                    .ticket = form_get(form, "ticket") };
  for (bool more = rest.n > 0; more && what.n <= SIGN_MOST;) more = str_cut(rest, ',', &id[what.n++], &rest);
  if (!what.nonce.n) what.nonce = S("none");
  if (!str_int(form_get(form, "shown"), &what.shown_us)) what.shown_us = 0;
  return what;
}

/* ---- showing it ---------------------------------------------------------------------------------------- */

static Err fill_changes(Cx *cx, Web *web, const Record *r, SignRecordItems *out) {
  Record before;
  FieldChange *change;
  size_t n;
  if (!r->in_force_rev || r->in_force_rev == r->rev) return E_OK;
  TRY(record_get(cx, web->store, r->id, r->in_force_rev, &before));
  TRY(record_diff(cx, &before, r, &change, &n));
  out->since = str_fmt(cx->arena, "%lld", (long long)r->in_force_rev);
  out->changes = NEW_ARRAY(cx->arena, n, SignRecordItemsChanges);
  for (size_t i = 0; i < n; i++)
    out->changes[out->changes_n++] =
        (SignRecordItemsChanges){ str_of(change[i].label),
                                  change_words_of(cx, web, r->type, change[i].name, change[i].before),
                                  change_words_of(cx, web, r->type, change[i].name, change[i].after) };
  return E_OK;
}

static Err fill_item(Cx *cx, Web *web, const SignItem *item, SignRecordItems *out) {
  const Record *r = &item->record;
  *out = (SignRecordItems){ .id = r->id,
                            .url = web_record_url(cx, r->id),
                            .title = r->title,
                            .rev = str_fmt(cx->arena, "%lld", (long long)r->rev),
                            .hash = hash_hex(cx->arena, r->hash),
                            .manifest = hash_hex(cx->arena, item->hash),
                            .files = NEW_ARRAY(cx->arena, r->files.n, SignRecordItemsFiles),
                            .fields = NEW_ARRAY(cx->arena, r->type->nfields, SignRecordItemsFields) };
  for (; out->files_n < r->files.n; out->files_n++) {
    const FileRef *f = &r->files.p[out->files_n];
    out->files[out->files_n] = (SignRecordItemsFiles){ f->name, size_text(cx, f->bytes), f->sha256 };
  }
  for (size_t i = 0; i < r->type->nfields; i++) {
    const Field *f = &r->type->fields[i];
    Str text = field_words(cx, web, f, &r->values[i]);
    if (text.n) out->fields[out->fields_n++] = (SignRecordItemsFields){ str_of(f->label), f->kind == LONG, text };
  }
  return fill_changes(cx, web, r, out);
}

/* "" where they are of several kinds. */
static Str kind_of_all(Cx *cx, const Ceremony *c) {
  for (size_t i = 1; i < c->n; i++)
    if (!str_eq(str_of(c->item[i].kind), str_of(c->item[0].kind))) return STR_NONE;
  return signature_kind(cx->arena, str_of(c->item[0].kind));
}

/* The first item speaks for all: they share step, signer and time. */
static Err fill_manifest(Cx *cx, const Ceremony *c, SignRecordPage *page) {
  JVal *m;
  Roles roles = ROLES_NONE;
  size_t rests = 0, earlier;
  TRY(json_read(cx, c->item[0].manifest, &JSON_DOCUMENT, &m));
  JSON_EACH(role, json_get(m, "roles")) roles |= role_find(json_str(role));
  rests = yyjson_arr_size(json_get(m, "links"));
  earlier = yyjson_arr_size(json_get(m, "earlier"));
  page->kind = kind_of_all(cx, c);
  page->roles = roles_text(cx->arena, roles);
  if (rests && c->n == 1) page->rests = number_text(cx, (int64_t)rests);
  if (earlier && c->n == 1) page->earlier = number_text(cx, (int64_t)earlier);
  return E_OK;
}

static Str ids_of(Cx *cx, const Ceremony *c) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  for (size_t i = 0; i < c->n; i++) buf_fmt(&b, "%s%.*s", i ? "," : "", STR(c->item[i].record.id));
  return buf_str(&b);
}

/* Of several documents one may wait for its review and another for its approval. */
static Str means_of(const Ceremony *c) {
  for (size_t i = 1; i < c->n; i++)
    if (!str_eq(str_of(c->item[i].means), str_of(c->item[0].means))) return S("What stands beside each record");
  return str_of(c->item[0].means);
}

static Str leads_of(Cx *cx, const SignItem *item) {
  Str to = state_words(cx, str_of(item->step->to));
  return item->waits.n ? str_fmt(cx->arena, "%.*s, once signed by: %.*s", STR(to), STR(item->waits)) : to;
}

static bool one_step(const Ceremony *c) {
  for (size_t i = 1; i < c->n; i++)
    if (c->item[i].step != c->item[0].step) return false;
  return true;
}

static bool needs_reason(const Ceremony *c) {
  for (size_t i = 0; i < c->n; i++)
    if (c->item[i].step->flags & STEP_REASON) return true;
  return false;
}

static Err show(Cx *cx, Web *web, const Request *req, const Ceremony *c, Str error, Str reason, Response *res) {
  const Step *step = c->item[0].step;
  const Record *r = &c->item[0].record;
  bool code = str_eq(str_of(c->method), S("password+code")), one = c->n == 1;
  Str many = str_fmt(cx->arena, "%zu records", c->n);
  SignRecordPage page = { .back = one ? web_record_url(cx, r->id) : S("/work"),
                          .back_words = one ? r->id : S("My work"),
                          .heading = str_fmt(cx->arena, "Sign %.*s", STR(one ? r->title : many)),
                          .label = one ? str_fmt(cx->arena, "Sign %.*s revision %lld", STR(r->id), (long long)r->rev)
                                       : str_fmt(cx->arena, "Sign %.*s in one go", STR(many)),
                          .csrf = csrf_token(cx, &web->who),
                          .step = c->step,
                          .ids = ids_of(cx, c),
                          .nonce = c->nonce,
                          .shown = str_fmt(cx->arena, "%lld", (long long)c->shown_us),
                          .ticket = c->ticket,
                          .error = error,
                          .reason = reason,
                          .name = web->who.name,
                          .login = web->who.login,
                          .means = means_of(c),
                          .to = one_step(c) ? leads_of(cx, &c->item[0]) : S("What stands beside each record"),
                          .method = code ? S("password and code") : S("password"),
                          .time = time_minute(cx->arena, c->shown_us),
                          .needs_reason = needs_reason(c),
                          .needs_code = code,
                          .button = one_step(c) ? str_fmt(cx->arena, "Sign: %s", step->label) : S("Sign"),
                          .items = NEW_ARRAY(cx->arena, c->n, SignRecordItems) };
  TRY(fill_manifest(cx, c, &page));
  for (; page.items_n < c->n; page.items_n++) {
    TRY(fill_item(cx, web, &c->item[page.items_n], &page.items[page.items_n]));
    if (one) continue;
    page.items[page.items_n].says = str_of(c->item[page.items_n].means);
    page.items[page.items_n].kind = signature_kind(cx->arena, str_of(c->item[page.items_n].kind));
    if (!one_step(c)) page.items[page.items_n].leads = leads_of(cx, &c->item[page.items_n]);
  }
  Buf b = buf_new(cx->arena, PAGE_MAX);
  sign_record_html(&b, &page);
  PageFrame frame = { .title = page.label, .here = r->type->name, .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

Err page_sign(Cx *cx, Web *web, const Request *req, Response *res) {
  SignWhat what = what_of_query(cx, web, req);
  Ceremony c = { 0 };
  if (!what.n) return fail(cx, E_INVALID, "No record was chosen. Go back, tick one or more and sign again");
  TRY(sign_open(cx, web->store, &web->who, &what, &c));
  return show(cx, web, req, &c, STR_NONE, STR_NONE, res);
}

/* ---- signing ------------------------------------------------------------------------------------------- */

static Err ask(Cx *cx, Web *web, const Request *req, const char *command, const char *auth, Str args, Str reason) {
  Ask a = { .command = str_of(command),
            .actor = web->who.id,
            .auth = str_of(auth),
            .source = S("web"),
            .request = req->request_id,
            .reason = reason,
            .args_json = args };
  Answer answer = { 0 };
  TRY(writer_ask(cx, web->writer, &a, 1, &answer));
  return answer_result(cx, &answer);
}

/* Password here, code and all the rest in the writer.  *proof: it was password or code that failed. */
static Err sign(Cx *cx, Web *web, const Request *req, const Form *form, const Ceremony *c, bool *proof) {
  Str code = str_trim(form_get(form, "code"));
  *proof = true;
  TRY(people_password_ok(cx, web->store, web->writer, web->set, &web->who, form_get(form, "password"), req->address,
                         req->request_id));
  *proof = false;
  Err e = ask(cx, web, req, "record.sign", "password", sign_args(cx, c, code), form_get(form, "reason"));
  if (e != E_UNAUTHENTIC || !code.n) return e;
  *proof = true;
  return people_code_wrong(cx, web->store, web->writer, web->set, &web->who, req->address, req->request_id);
}

/* The page again, with one try less. */
static Err again(Cx *cx, Web *web, const Request *req, const Form *form, const Ceremony *c, Err e, Response *res) {
  Str words = cx->words;
  cx_forgive(cx);
  TRY(ask(cx, web, req, "record.sign_failed", "session", str_fmt(cx->arena, "{\"nonce\":\"%.*s\"}", STR(c->nonce)),
          STR_NONE));
  res->status = err_status(e);
  return show(cx, web, req, c, words, form_get(form, "reason"), res);
}

Err post_sign(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  Ceremony c = { 0 };
  bool proof = false;
  TRY(web_form(cx, web, req, &form));
  SignWhat what = what_of_form(cx, web, &form);
  TRY(sign_open(cx, web->store, &web->who, &what, &c));
  store_unview(web->store); /* what the writer counts meanwhile must be seen */
  Err e = sign(cx, web, req, &form, &c, &proof);
  if (e == E_OK) e = decide_after_sign(cx, web->writer, web->store, &c, S("web"));
  Err viewed = store_view(cx, web->store);
  if (e == E_OK && viewed != E_OK) e = viewed;
  if (proof && (e == E_UNAUTHENTIC || e == E_SLOW_DOWN)) return again(cx, web, req, &form, &c, e, res);
  TRY(e);
  return web_redirect(cx, res, c.n == 1 ? web_record_url(cx, c.item[0].record.id) : S("/work"));
}
