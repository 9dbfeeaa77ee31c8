/* One's own account: second factor, sessions, tokens, duties, password. */
#include "app/page/act.h"
#include "account.html.h"

static Err fill_sessions(Cx *cx, Web *web, AccountPage *page) {
  Sessions all = { 0 };
  TRY(people_sessions(cx, web->store, web->who.id, &all));
  page->sessions = NEW_ARRAY(cx->arena, all.n, AccountSessions);
  for (size_t i = 0; i < all.n; i++) {
    const Session *s = &all.p[i];
    if (s->expires_us < cx->now_us) continue;
    page->sessions[page->sessions_n++] = (AccountSessions){ .hash = s->hash,
                                                            .address = s->address,
                                                            .since = time_minute(cx->arena, s->created_us),
                                                            .seen = time_minute(cx->arena, s->seen_us),
                                                            .until = time_minute(cx->arena, s->expires_us),
                                                            .current = str_eq(s->hash, web->who.session) };
  }
  return E_OK;
}

static Err fill_tokens(Cx *cx, Web *web, AccountPage *page) {
  Tokens all = { 0 };
  TRY(people_tokens(cx, web->store, web->who.id, &all));
  page->tokens = NEW_ARRAY(cx->arena, all.n, AccountTokens);
  for (size_t i = 0; i < all.n; i++) {
    const Token *t = &all.p[i];
    bool over = t->expires_us <= cx->now_us;
    page->tokens[page->tokens_n++] =
        (AccountTokens){ .id = t->id,
                         .name = t->name,
                         .scopes = t->scopes,
                         .product = t->product,
                         .until = time_minute(cx->arena, t->expires_us),
                         .used = t->used_us ? time_minute(cx->arena, t->used_us) : S("never"),
                         .state = t->ended_us ? S("revoked")
                                  : over      ? S("run out")
                                              : S("alive"),
                         .alive = !t->ended_us && !over };
  }
  page->scopes = NEW_ARRAY(cx->arena, people_nscopes, AccountScopes);
  for (size_t i = 0; i < people_nscopes; i++)
    page->scopes[page->scopes_n++] = (AccountScopes){ str_of(people_scopes[i].word), str_of(people_scopes[i].help) };
  page->devices = NEW_ARRAY(cx->arena, web->products.n, AccountDevices);
  for (size_t i = 0; i < web->products.n; i++)
    page->devices[page->devices_n++] =
        (AccountDevices){ node_id(web->graph, web->products.p[i]), node_title(web->graph, web->products.p[i]) };
  return E_OK;
}

static Err fill_duties(Cx *cx, Web *web, AccountPage *page) {
  Duties all = { 0 };
  TRY(people_duties_of(cx, web->store, STR_NONE, STR_NONE, &all));
  page->duties = NEW_ARRAY(cx->arena, all.n, AccountDuties);
  for (size_t i = 0; i < all.n; i++) {
    const Duty *d = &all.p[i];
    if (!str_eq(d->person, web->who.id)) continue;
    page->duties[page->duties_n++] = (AccountDuties){
      .title = str_of(duty_find(d->duty)->title), .kind = d->kind, .product = d->product.n ? d->product : S("all"),
      .whom = d->deputy_of.n ? person_name(cx, web, d->deputy_of) : S(""), .upto = d->upto,
      .until = d->to_day == DUTY_FOREVER ? S("") : date_text(cx->arena, d->to_day)
    };
  }
  return E_OK;
}

static Str roles_words(Cx *cx, const Who *who) {
  Buf b = buf_new(cx->arena, 8192);
  for (size_t i = 0; i < who->ngrant; i++) {
    const Grant *g = &who->grant[i];
    buf_fmt(&b, "%s%.*s", b.n ? "; " : "", STR(roles_text(cx->arena, g->roles)));
    if (g->product.n) buf_fmt(&b, " on %.*s", STR(g->product));
  }
  return buf_str(&b);
}

Err page_account(Cx *cx, Web *web, const Request *req, Response *res) {
  bool enrolled = false;
  int64_t left = 0;
  TRY(people_enrolled(cx, web->store, web->who.id, &enrolled));
  TRY(people_recovery_left(cx, web->store, web->who.id, &left));
  AccountPage page = { .csrf = csrf_token(cx, &web->who),
                       .name = web->who.name,
                       .login = web->who.login,
                       .id = web->who.id,
                       .roles = roles_words(cx, &web->who),
                       .enrolled = enrolled,
                       .needed = web->set->number[SET_FACTOR] != 0,
                       .left = number_text(cx, left),
                       .few = left < 4 };
  TRY(fill_sessions(cx, web, &page));
  TRY(fill_tokens(cx, web, &page));
  TRY(fill_duties(cx, web, &page));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  account_html(&b, &page);
  PageFrame frame = { .title = S("My account"), .here = "account", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
