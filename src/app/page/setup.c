/* First start, and the first password of everybody else: a set-up code is the way in. */
#include "app/page/act.h"
#include "app/page/setup.h"
#include "setup.html.h"

static Err nobody_yet(Cx *cx, Web *web, bool *out) {
  Persons all = { 0 };
  TRY(people_list(cx, web->store, &all));
  *out = all.n == 0;
  return E_OK;
}

static Err show(Cx *cx, Web *web, const Request *req, const Form *form, bool first, Response *res) {
  SetupPage page = { .first = first, .error = cx->words };
  if (form) {
    page.code = form_get(form, "setup_code");
    page.login = form_get(form, "login");
    page.name = form_get(form, "name");
    page.email = form_get(form, "email");
    page.company = form_get(form, "company");
    page.registration = form_get(form, "registration");
  }
  page.markets = NEW_ARRAY(cx->arena, setup_nmarkets, SetupMarkets);
  for (size_t i = 0; i < setup_nmarkets; i++)
    page.markets[page.markets_n++] = (SetupMarkets){ .word = str_of(setup_markets[i].word),
                                                     .label = str_of(setup_markets[i].label),
                                                     .checked = form && setup_sold_in(form, i) };
  page.problems = NEW_ARRAY(cx->arena, cx->problems.n, SetupProblems);
  for (size_t i = 0; i < cx->problems.n; i++)
    page.problems[page.problems_n++] = (SetupProblems){ cx->problems.p[i].field, cx->problems.p[i].words };
  cx_forgive(cx);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  setup_html(&b, &page);
  PageFrame frame = { .title = first ? S("Welcome") : S("Set your password"), .device = NODE_NONE };
  web->signed_in = false;
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

Err page_setup(Cx *cx, Web *web, const Request *req, Response *res) {
  bool first;
  SetupDone done;
  TRY(nobody_yet(cx, web, &first));
  if (first || !web->signed_in) return show(cx, web, req, NULL, first, res);
  TRY(setup_done(cx, web, &done));
  return web_redirect(cx, res, setup_path(done.next == SETUP_STEPS ? SETUP_COMPANY : done.next));
}

static Str setup_args(Cx *cx, const Form *form, bool first, Str phc) {
  static const char *const names[] = { "login", "name", "email" };
  Buf b = buf_new(cx->arena, 8192);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "code", str_trim(form_get(form, "setup_code")));
  json_pair(&o, "phc", phc);
  for (size_t i = 0; first && i < COUNT(names); i++) json_pair(&o, names[i], str_trim(form_get(form, names[i])));
  json_object_end(&o);
  return buf_str(&b);
}

static Err set_up(Cx *cx, Web *web, const Request *req, const Form *form, bool first) {
  Str phc, fresh = form_get(form, "new");
  Answer answer = { 0 };
  if (!str_eq(fresh, form_get(form, "again")))
    return fail(cx, E_INVALID, "The two passwords differ. Nothing was changed. Type the same one twice.");
  TRY(people_password_new(cx, web->set, form_get(form, "login"), fresh, &phc));
  Ask ask = { .command = first ? S("user.first") : S("user.use_code"), .actor = S("nobody"), .auth = S("code"),
              .source = S("web"), .request = req->request_id, .args_json = setup_args(cx, form, first, phc) };
  TRY(writer_ask(cx, web->writer, &ask, 1, &answer));
  return answer_result(cx, &answer);
}

/* The first person is there and signs in with what they typed; what they said of the company is theirs. */
static Err enter_first(Cx *cx, Web *web, const Request *req, const Form *form, Response *res) {
  int wait_s;
  Str cookie;
  SignIn in = { .login = str_lower(cx->arena, str_trim(form_get(form, "login"))), .password = form_get(form, "new"),
                .address = req->address, .request = req->request_id, .secure = req->secure };
  store_unview(web->store); /* what the writer records meanwhile must be seen */
  Err e = people_sign_in(cx, web->store, web->writer, web->set, &in, &web->who, &cookie, &wait_s);
  Err viewed = store_view(cx, web->store);
  TRY(e);
  TRY(viewed);
  TRY(setup_company_save(cx, web, req, form));
  TRY(web_redirect(cx, res, setup_path(SETUP_RISK)));
  res->set_cookie[0] = cookie;
  return E_OK;
}

Err post_setup(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  bool first;
  TRY(form_read(cx, req->content_type, req->body, &form));
  if (!request_same_origin(req))
    return fail(cx, E_DENIED, "This form did not come from this server. Open the page again");
  TRY(nobody_yet(cx, web, &first));
  Err e = first ? setup_company_check(cx, web, &form) : E_OK;
  if (e == E_OK) e = set_up(cx, web, req, &form, first);
  if (e == E_OK) return first ? enter_first(cx, web, req, &form, res) : web_redirect(cx, res, S("/sign-in"));
  if (e != E_INVALID && e != E_DENIED && e != E_CONFLICT) return e;
  res->status = err_status(e);
  return show(cx, web, req, &form, first, res);
}
