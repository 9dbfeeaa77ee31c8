/* Everybody's account, and who holds which duty. */
#include "app/clock.h"
#include "app/page/act.h"
#include "duties.html.h"
#include "people.html.h"

static Str grants_words(Cx *cx, const Who *who) {
  Buf b = buf_new(cx->arena, 8192);
  for (size_t i = 0; i < who->ngrant; i++) {
    buf_fmt(&b, "%s%.*s", b.n ? "; " : "", STR(roles_text(cx->arena, who->grant[i].roles)));
    if (who->grant[i].product.n) buf_fmt(&b, " (%.*s)", STR(who->grant[i].product));
  }
  return buf_str(&b);
}

/* SOD-5 is shown, not only refused: who keeps accounts and has rights over records besides. */
static bool both_hands(const Who *who) {
  Roles r = who_roles(who, PRODUCT_ANY);
  return (r & ROLE_ADMINISTRATOR) && (r & ~(ROLE_ADMINISTRATOR | ROLE_VIEWER));
}

static Err fill_person(Cx *cx, Web *web, const Person *p, PeoplePeople *out) {
  Who who = { 0 };
  bool enrolled;
  Sessions sessions = { 0 };
  TRY(people_who(cx, web->store, p->id, &who));
  TRY(people_enrolled(cx, web->store, p->id, &enrolled));
  TRY(people_sessions(cx, web->store, p->id, &sessions));
  *out = (PeoplePeople){ .id = p->id,
                         .login = p->login,
                         .name = p->name,
                         .title = p->title,
                         .roles = grants_words(cx, &who),
                         .active = p->active,
                         .enrolled = enrolled,
                         .password = p->has_password,
                         .both = both_hands(&who),
                         .self = str_eq(p->id, web->who.id) };
  if (sessions.n) out->sessions = number_text(cx, (int64_t)sessions.n);
  return E_OK;
}

static void fill_choices(Cx *cx, Web *web, PeoplePage *page) {
  page->roles = NEW_ARRAY(cx->arena, ROLE_COUNT, PeopleRoles);
  for (size_t i = 0; i < ROLE_COUNT; i++)
    page->roles[page->roles_n++] = (PeopleRoles){ str_of(people_roles[i].word), str_of(people_roles[i].title),
                                                  str_of(people_roles[i].help) };
  page->devices = NEW_ARRAY(cx->arena, web->products.n, PeopleDevices);
  for (size_t i = 0; i < web->products.n; i++)
    page->devices[page->devices_n++] =
        (PeopleDevices){ node_id(web->graph, web->products.p[i]), node_title(web->graph, web->products.p[i]) };
}

static Err fill_waiting(Cx *cx, Web *web, PeoplePage *page) {
  Seconds all = { 0 };
  Tokens tokens = { 0 };
  TRY(people_seconds(cx, web->store, &all));
  page->waiting = NEW_ARRAY(cx->arena, all.n, PeopleWaiting);
  for (size_t i = 0; i < all.n; i++)
    page->waiting[page->waiting_n++] = (PeopleWaiting){ all.p[i].words, person_name(cx, web, all.p[i].asked_by),
                                                        time_minute(cx->arena, all.p[i].asked_us) };
  TRY(people_tokens(cx, web->store, STR_NONE, &tokens));
  page->tokens = NEW_ARRAY(cx->arena, tokens.n, PeopleTokens);
  for (size_t i = 0; i < tokens.n; i++) {
    const Token *t = &tokens.p[i];
    if (t->ended_us || t->expires_us <= cx->now_us) continue;
    page->tokens[page->tokens_n++] =
        (PeopleTokens){ .id = t->id, .name = t->name, .whose = person_name(cx, web, t->person), .scopes = t->scopes,
                        .until = time_minute(cx->arena, t->expires_us),
                        .used = t->used_us ? time_minute(cx->arena, t->used_us) : S("never") };
  }
  return E_OK;
}

Err page_people(Cx *cx, Web *web, const Request *req, Response *res) {
  Persons all = { 0 };
  Cx probe = { .arena = cx->arena };
  PeoplePage page = { .csrf = csrf_token(cx, &web->who),
                      .may_admin = authorise(&probe, &web->who, "user.admin", PRODUCT_ANY) == E_OK };
  TRY(people_list(cx, web->store, &all));
  page.people = NEW_ARRAY(cx->arena, all.n, PeoplePeople);
  for (size_t i = 0; i < all.n; i++) TRY(fill_person(cx, web, &all.p[i], &page.people[page.people_n++]));
  page.count = number_text(cx, (int64_t)all.n);
  fill_choices(cx, web, &page);
  TRY(fill_waiting(cx, web, &page));
  page.now = time_minute(cx->arena, clock_now_us());
  if (authorise(&probe, &web->who, "clock.confirm", PRODUCT_ANY) == E_OK)
    TRY(clock_suspended(cx, web->store, &page.clock));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  people_html(&b, &page);
  PageFrame frame = { .title = S("People"), .here = "people", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

/* ---- duties ------------------------------------------------------------------------------------------- */

static DutiesGroupsRows duty_row(Cx *cx, Web *web, const Duty *d, bool may_set) {
  DutiesGroupsRows row = { .person = d->person,
                           .name = d->name,
                           .kind = d->kind,
                           .product = d->product,
                           .upto = d->upto,
                           .away = !d->active,
                           .may_end = may_set,
                           .from = date_text(cx->arena, d->from_day) };
  if (d->deputy_of.n) row.whom = person_name(cx, web, d->deputy_of);
  if (d->to_day != DUTY_FOREVER) row.to = date_text(cx->arena, d->to_day);
  return row;
}

static Str seats_words(Cx *cx, const char *duty) {
  Buf b = buf_new(cx->arena, 4096);
  for (size_t i = 0; i < record_nseats; i++) {
    const Seat *s = &record_seats[i];
    const RecordType *t = s->type ? record_type(str_of(s->type)) : NULL;   /* no lifecycle asks for a duty */
    if (!t || !s->duty || !str_eq(str_of(s->duty), str_of(duty))) continue;
    buf_fmt(&b, "%s%s: %.*s", b.n ? ", " : "", t->title, STR(choice_words(cx->arena, str_of(s->step))));
  }
  return b.n ? buf_str(&b) : S("named on records and by the checks");
}

static Err fill_groups(Cx *cx, Web *web, bool may_set, DutiesPage *page) {
  Duties all = { 0 };
  TRY(people_duties_of(cx, web->store, STR_NONE, STR_NONE, &all));
  page->groups = NEW_ARRAY(cx->arena, people_nduties, DutiesGroups);
  for (size_t i = 0; i < people_nduties; i++) {
    DutiesGroups *g = &page->groups[page->groups_n++];
    *g = (DutiesGroups){ .word = str_of(people_duties[i].word),
                         .title = str_of(people_duties[i].title),
                         .steps = seats_words(cx, people_duties[i].word),
                         .rows = NEW_ARRAY(cx->arena, all.n, DutiesGroupsRows) };
    for (size_t k = 0; k < all.n; k++) {
      if (!str_eq(all.p[k].duty, g->word)) continue;
      g->rows[g->rows_n++] = duty_row(cx, web, &all.p[k], may_set);
      g->mine = g->mine || (str_eq(all.p[k].person, web->who.id) && str_eq(all.p[k].kind, S("holder")));
    }
    page->mine = web->asof_size < 0 && (page->mine || g->mine);
  }
  return E_OK;
}

static Err fill_people(Cx *cx, Web *web, DutiesPage *page) {
  Persons all = { 0 };
  TRY(people_list(cx, web->store, &all));
  page->people = NEW_ARRAY(cx->arena, all.n, DutiesPeople);
  for (size_t i = 0; i < all.n; i++)
    if (all.p[i].active) page->people[page->people_n++] = (DutiesPeople){ all.p[i].id, all.p[i].name };
  page->devices = NEW_ARRAY(cx->arena, web->products.n, DutiesDevices);
  for (size_t i = 0; i < web->products.n; i++)
    page->devices[page->devices_n++] =
        (DutiesDevices){ node_id(web->graph, web->products.p[i]), node_title(web->graph, web->products.p[i]) };
  return E_OK;
}

Err page_duties(Cx *cx, Web *web, const Request *req, Response *res) {
  Cx probe = { .arena = cx->arena };
  bool may_set = web->asof_size < 0 && authorise(&probe, &web->who, "duty.set", PRODUCT_ANY) == E_OK;
  DutiesPage page = { .csrf = csrf_token(cx, &web->who),
                      .may_set = may_set,
                      .today = date_text(cx->arena, date_of(cx->now_us)) };
  TRY(fill_groups(cx, web, may_set, &page));
  TRY(fill_people(cx, web, &page));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  duties_html(&b, &page);
  PageFrame frame = { .title = S("Duties"), .here = "duties", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
