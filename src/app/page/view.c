/* Saved views: questions with a name, as tabs over a list. */
#include "app/page/talk.h"
#include "views.html.h"

Err list_views(Cx *cx, Web *web, const RecordType *t, Str query, Html *out) {
  Views all = { 0 };
  TRY(trace_views(cx, web->store, &web->who, str_of(t->name), &all));
  ViewsPage page = { .type = str_of(t->name),
                     .plural = str_of(t->plural),
                     .query = query,
                     .csrf = csrf_token(cx, &web->who),
                     .all_url = web_list_url(cx, t, STR_NONE),
                     .all = !query.n,
                     .tabs = NEW_ARRAY(cx->arena, all.n, ViewsTabs),
                     .devices = NEW_ARRAY(cx->arena, web->products.n, ViewsDevices) };
  bool known = false;
  for (size_t i = 0; i < all.n; i++) {
    const View *v = &all.p[i];
    bool current = query.n && str_eq(v->query, query), mine = str_eq(v->owner, web->who.id);
    known |= current;
    page.tabs[page.tabs_n++] = (ViewsTabs){ .url = web_list_url(cx, t, v->query),
                                            .name = v->name,
                                            .shared = v->shared.n > 0,
                                            .by = person_name(cx, web, v->owner),
                                            .current = current };
    if (current && mine) {
      page.drop = v->id;
      page.drop_name = v->name;
    }
  }
  for (size_t i = 0; i < web->products.n; i++)
    page.devices[page.devices_n++] = (ViewsDevices){ node_id(web->graph, web->products.p[i]),
                                                     node_title(web->graph, web->products.p[i]) };
  page.may_save = query.n && !known;
  page.any = page.tabs_n > 0 || page.may_save;
  Buf b = buf_new(cx->arena, PAGE_MAX);
  views_html(&b, &page);
  *out = (Html){ buf_str(&b) };
  return E_OK;
}

static Str args_of(Cx *cx, const Form *form, const char *const *names, size_t n) {
  Buf b = buf_new(cx->arena, 256 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  for (size_t i = 0; i < n; i++)
    json_pair(&o, names[i], form_get(form, names[i]).p ? form_get(form, names[i]) : S(""));
  json_object_end(&o);
  return buf_str(&b);
}

Err post_view(Cx *cx, Web *web, const Request *req, Response *res) {
  static const char *const save[] = { "name", "type", "query", "shared" }, *const drop[] = { "id" };
  const RecordType *t;
  Form form;
  Answer a = { 0 };
  TRY(web_form(cx, web, req, &form));
  TRY(record_type_need(cx, form_get(&form, "type"), &t));
  bool drops = form_get(&form, "id").n > 0;
  Str args = drops ? args_of(cx, &form, drop, COUNT(drop)) : args_of(cx, &form, save, COUNT(save));
  TRY(web_ask(cx, web, req, drops ? S("view.drop") : S("view.save"), args, STR_NONE, STR_NONE, &a));
  return web_redirect(cx, res, web_list_url(cx, t, form_get(&form, "query")));
}
