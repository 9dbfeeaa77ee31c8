/* Signing in and out. */
#include "app/company.h"
#include "app/page/web.h"
#include "sign_in.html.h"

static Err show(Cx *cx, Web *web, const Request *req, Str login, Str to, Str error, Response *res) {
  SignInPage page = { .company = company_name(cx, web->graph, web->set),
                      .login = login,
                      .to = to,
                      .error = error,
                      .demo = file_exists(str_fmt(cx->arena, "%s/demo", web->folder).p) };
  Buf b = buf_new(cx->arena, PAGE_MAX);
  sign_in_html(&b, &page);
  PageFrame frame = { .title = S("Sign in"), .device = NODE_NONE };
  web->signed_in = false;
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

/* Only a path of ours: never another site. */
static Str safe_path(Str to) {
  bool ours = to.n && to.p[0] == '/' && !str_starts(to, S("//")) && !str_starts(to, S("/\\"));
  return ours ? to : S("/");
}

Err page_sign_in(Cx *cx, Web *web, const Request *req, Response *res) {
  Str to = request_query(req, "to");
  if (web->signed_in) return web_redirect(cx, res, safe_path(to));
  return show(cx, web, req, STR_NONE, to, STR_NONE, res);
}

Err post_sign_in(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  int wait_s = 0;
  Str cookie;
  TRY(form_read(cx, req->content_type, req->body, &form));
  if (!request_same_origin(req))
    return fail(cx, E_DENIED, "This form did not come from this server. Open the page again");
  SignIn in = { .login = form_get(&form, "login"),
                .password = form_get(&form, "password"),
                .code = str_trim(form_get(&form, "code")),
                .address = req->address,
                .request = req->request_id,
                .secure = req->secure };
  store_unview(web->store); /* what the writer records meanwhile must be seen */
  Err e = people_sign_in(cx, web->store, web->writer, web->set, &in, &web->who, &cookie, &wait_s);
  Err viewed = store_view(cx, web->store);
  if (e == E_OK && viewed != E_OK) e = viewed;
  if (e == E_UNAUTHENTIC || e == E_SLOW_DOWN) {
    Str words = cx->words;
    cx_forgive(cx);
    res->status = err_status(e);
    res->retry_after_s = wait_s;
    return show(cx, web, req, in.login, form_get(&form, "to"), words, res);
  }
  TRY(e);
  TRY(web_redirect(cx, res, safe_path(form_get(&form, "to"))));
  res->set_cookie[0] = cookie;
  return E_OK;
}

Err post_sign_out(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  Str cookie;
  TRY(web_form(cx, web, req, &form));
  TRY(people_sign_out(cx, web->writer, &web->who, req->request_id, req->secure, &cookie));
  TRY(web_redirect(cx, res, S("/sign-in")));
  res->set_cookie[0] = cookie;
  return E_OK;
}
