/* Forms over accounts, duties and alerts: each is a row that names its command, fields and where to go on. */
#include "app/company.h"
#include "app/page/web.h"
#include "app/page/act.h"
#include "done.html.h"
#include <string.h>

typedef struct ActRow {
  const char *path, *command, *fields, *back;   /* fields: words; one with '*' takes every value of that name */
  bool password, self;                          /* asks for the password again; `person` is who is signed in */
} ActRow;

static const ActRow rows[] = {
  { "/account/factor", "user.totp_enrol", "", "/account", true, false },
  { "/account/confirm", "user.totp_confirm", "code", "/account", false, false },
  { "/account/recovery", "user.recovery", "code", "/account", true, false },
  { "/account/session", "session.close", "hash", "/account", false, true },
  { "/account/token", "token.create", "name scopes* product types days", "/account", true, false },
  { "/account/revoke", "token.revoke", "id", "/account", false, false },
  { "/people/add", "user.add", "login name email title roles* product", "/people", false, false },
  { "/people/grant", "user.grant", "person role product", "/people", false, false },
  { "/people/drop", "user.revoke", "person role product", "/people", false, false },
  { "/people/disable", "user.disable", "person", "/people", false, false },
  { "/people/enable", "user.enable", "person", "/people", false, false },
  { "/people/code", "user.setup_code", "person", "/people", false, false },
  { "/people/factor", "user.totp_drop", "person", "/people", false, false },
  { "/people/sessions", "session.close", "person", "/people", false, false },
  { "/people/revoke", "token.revoke", "id", "/people", false, false },
  { "/people/clock", "clock.confirm", "", "/people", false, false },
  { "/duties/set", "duty.set", "person duty product deputy_of from to upto", "/duties", false, false },
  { "/duties/drop", "duty.drop", "person duty product", "/duties", false, false },
  { "/duties/delegate", "duty.delegate", "person duty product from to upto", "/duties", false, false },
  { "/alerts/seen", "alert.seen", "id note", "/work", false, false },
};

/* ---- arguments ---------------------------------------------------------------------------------------- */

static Str all_values(Cx *cx, const Form *form, Str name) {
  Buf b = buf_new(cx->arena, 8192);
  for (size_t i = 0; i < form->n; i++)
    if (str_eq(form->field[i].name, name) && form->field[i].value.n)
      buf_fmt(&b, "%s%.*s", b.n ? " " : "", STR(form->field[i].value));
  return buf_str(&b);
}

static void put_field(Cx *cx, JsonOut *o, const Form *form, Str word) {
  bool many = str_ends(word, S("*"));
  Str name = many ? str_slice(word, 0, word.n - 1) : word;
  Str value = many ? all_values(cx, form, name) : form_get(form, str_z(cx->arena, name));
  int64_t n;
  if (!value.n) return;
  if (str_eq(name, S("days")) && str_int(value, &n)) json_pair_int(o, "days", n);
  else json_pair(o, str_z(cx->arena, name), value);
}

static Str act_args(Cx *cx, Web *web, const ActRow *row, const Form *form) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  Str words = str_of(row->fields);
  json_object(&o);
  if (row->self) json_pair(&o, "person", web->who.id);
  for (bool more = words.n > 0; more;) {
    Str word;
    more = str_cut(words, ' ', &word, &words);
    put_field(cx, &o, form, word);
  }
  json_object_end(&o);
  return buf_str(&b);
}

/* ---- what is shown once ------------------------------------------------------------------------------- */

static void fact(Cx *cx, DonePage *page, const char *label, Str value) {
  (void)cx;
  if (value.n) page->facts[page->facts_n++] = (DoneFacts){ str_of(label), value };
}

static Err fill_factor(Cx *cx, Web *web, Str secret, DonePage *page) {
  Str uri = people_totp_uri(cx->arena, company_name(cx, web->graph, web->set), web->who.login, secret);
  page->words =
      S("Scan this with your authenticator app, or type the secret into it. It is shown this once. Then type the "
        "code that the app shows.");
  page->confirm = true;
  return qr_svg(cx, uri, S("QR code for the authenticator app"), &page->qr);
}

static Err fill_done(Cx *cx, Web *web, JVal *r, DonePage *page) {
  JVal *recovery = json_get(r, "recovery");
  page->facts = NEW_ARRAY(cx->arena, 8, DoneFacts);
  page->codes = NEW_ARRAY(cx->arena, 16, DoneCodes);
  JSON_EACH(code, recovery)
    if (page->codes_n < 16) page->codes[page->codes_n++] = (DoneCodes){ json_str(code) };
  fact(cx, page, "Secret", json_text(r, "secret"));
  fact(cx, page, "Token", json_text(r, "token"));
  fact(cx, page, "Set-up code", json_text(r, "code"));
  fact(cx, page, "Valid until", json_text(r, "expires").n ? json_text(r, "expires") : json_text(r, "code_expires"));
  if (json_text(r, "secret").n) return fill_factor(cx, web, json_text(r, "secret"), page);
  if (page->codes_n)
    page->words =
        S("The second factor is set up. Each of these codes works once in place of the app. They are shown this "
          "once: print them or write them down, and keep them apart from the telephone.");
  else if (json_text(r, "token").n)
    page->words = S("Copy the token now: it is shown this once, and only its hash is kept.");
  else if (json_text(r, "code").n)
    page->words =
        S("Give this code to the person, not by the same way as the address of this page. It works once, at /setup.");
  else page->words = json_text(r, "words");
  return E_OK;
}

static Err show_done(Cx *cx, Web *web, const Request *req, const ActRow *row, JVal *r, Response *res) {
  DonePage page = { .back = str_of(row->back), .csrf = csrf_token(cx, &web->who) };
  page.heading = json_bool(r, "waits", false) ? S("A second person is needed") : S("Keep this");
  TRY(fill_done(cx, web, r, &page));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  done_html(&b, &page);
  PageFrame frame = { .title = page.heading, .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

/* ---- the one handler ---------------------------------------------------------------------------------- */

static Err ask_row(Cx *cx, Web *web, const Request *req, const ActRow *row, const Form *form, Answer *answer) {
  Ask a = { .command = str_of(row->command),
            .actor = web->who.id,
            .auth = row->password ? S("password") : S("session"),
            .source = S("web"),
            .request = req->request_id,
            .reason = form_get(form, "reason"),
            .args_json = act_args(cx, web, row, form) };
  if (row->password)
    TRY(people_password_ok(cx, web->store, web->writer, web->set, &web->who, form_get(form, "password"), req->address,
                           req->request_id));
  TRY(writer_ask(cx, web->writer, &a, 1, answer));
  return answer_result(cx, answer);
}

static bool shows(JVal *r) {
  static const char *const names[] = { "secret", "token", "code", "recovery", "waits" };
  for (size_t i = 0; i < COUNT(names); i++)
    if (json_get(r, names[i])) return true;
  return false;
}

Err post_act(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  const ActRow *row = NULL;
  Answer answer = { 0 };
  JVal *r;
  for (size_t i = 0; i < COUNT(rows); i++)
    if (str_eq(req->path, str_of(rows[i].path))) row = &rows[i];
  if (!row) return fail(cx, E_BUG, "no form posts to %.*s", STR(req->path));
  TRY(web_form(cx, web, req, &form));
  store_unview(web->store); /* what the writer counts meanwhile must be seen */
  Err e = ask_row(cx, web, req, row, &form, &answer);
  Err viewed = store_view(cx, web->store);
  TRY(e);
  TRY(viewed);
  TRY(json_read(cx, answer.result_json, &JSON_BODY, &r));
  return shows(r) ? show_done(cx, web, req, row, r, res) : web_redirect(cx, res, str_of(row->back));
}

Err post_password(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  Str phc;
  TRY(web_form(cx, web, req, &form));
  Str fresh = form_get(&form, "new");
  if (!str_eq(fresh, form_get(&form, "again")))
    return fail(cx, E_INVALID, "The two new passwords differ. Nothing was changed");
  store_unview(web->store);
  Err e = people_password_ok(cx, web->store, web->writer, web->set, &web->who, form_get(&form, "password"),
                             req->address, req->request_id);
  if (e == E_OK) e = people_password_new(cx, web->set, web->who.login, fresh, &phc);
  if (e == E_OK) {
    Answer answer = { 0 };
    Ask a = { .command = S("user.set_password"), .actor = web->who.id, .auth = S("password"), .source = S("web"),
              .request = req->request_id,
              .args_json = str_fmt(cx->arena, "{\"person\":\"%.*s\",\"phc\":\"%.*s\"}", STR(web->who.id), STR(phc)) };
    e = writer_ask(cx, web->writer, &a, 1, &answer);
    if (e == E_OK) e = answer_result(cx, &answer);
  }
  Err viewed = store_view(cx, web->store);
  TRY(e);
  TRY(viewed);
  return web_redirect(cx, res, S("/sign-in"));   /* every session ended with the old password */
}
