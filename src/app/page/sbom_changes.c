/* What changed from another SBOM of the same device to this one. */
#include "app/page/web.h"
#include "sbom_changes.html.h"

enum { ROWS_MOST = 2000 };

static Str label_of(Cx *cx, const SbomInfo *s) {
  return str_fmt(cx->arena, "%.*s %.*s %.*s", STR(s->id), STR(s->name.n ? s->name : s->file), STR(s->release));
}

static void fill_rows(Cx *cx, const SbomDiff *diff, SbomChangesPage *page) {
  static const char *const tones[DIFF_KINDS] = { "ok", "crit", "med", "line", "line" };
  page->rows = NEW_ARRAY(cx->arena, diff->n, SbomChangesRows);
  for (size_t i = 0; i < diff->n && i < ROWS_MOST; i++) {
    const DiffRow *d = &diff->p[i];
    page->rows[page->rows_n++] = (SbomChangesRows){ .name = d->name,
                                                    .identity = d->identity,
                                                    .kind = choice_words(cx->arena, str_of(diff_kind_name(d->kind))),
                                                    .tone = str_of(tones[d->kind]),
                                                    .before = d->before,
                                                    .after = d->after };
  }
}

/* Without a choice: the newest older one of the same name, else the newest older one. */
static Str usual(const SbomList *list, const SbomInfo *s) {
  Str any = STR_NONE;
  bool older = false;
  for (size_t i = 0; i < list->n; i++) {
    const SbomInfo *o = &list->p[i];
    if (older && str_eq(o->name, s->name)) return o->id;
    if (older && !any.n) any = o->id;
    older |= str_eq(o->id, s->id);
  }
  return any;
}

Err page_sbom_changes(Cx *cx, Web *web, const Request *req, Response *res) {
  SbomInfo s, other = { 0 };
  SbomList list = { 0 };
  SbomDiff diff = { 0 };
  TRY(supply_sbom(cx, web->store, req->params[0], &s));
  if (!web_may_see(web, s.product)) return fail(cx, E_NOTFOUND, "There is no SBOM %.*s.", STR(req->params[0]));
  TRY(supply_sboms(cx, web->store, s.product, STR_NONE, false, &list));
  Str from = request_query(req, "from");
  if (!from.n) from = usual(&list, &s);
  SbomChangesPage page = { .id = s.id,
                           .name = s.name.n ? s.name : s.file,
                           .say = S("There is no older SBOM of this device to compare with."),
                           .others = NEW_ARRAY(cx->arena, list.n, SbomChangesOthers) };
  for (size_t i = 0; i < list.n; i++) {
    bool on = str_eq(list.p[i].id, from);
    if (on) other = list.p[i];
    if (!str_eq(list.p[i].id, s.id))
      page.others[page.others_n++] =
          (SbomChangesOthers){ .id = list.p[i].id, .label = label_of(cx, &list.p[i]), .on = on };
  }
  if (from.n && !other.id.n)
    return fail(cx, E_NOTFOUND, "There is no SBOM %.*s of this device.", STR(str_head(from, 60)));
  if (other.id.n) {
    TRY(supply_diff(cx, web->store, other.id, s.id, &diff));
    page.say = str_fmt(cx->arena, "From %.*s to %.*s%s",
                       STR(label_of(cx, &other)), STR(label_of(cx, &s)), diff.n ? "." : " nothing changed.");
  }
  page.count = number_text(cx, (int64_t)diff.n);
  fill_rows(cx, &diff, &page);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  sbom_changes_html(&b, &page);
  PageFrame frame = { .title = str_fmt(cx->arena, "Changes of %.*s", STR(s.id)),
                      .here = "device",
                      .device = graph_find(web->graph, s.product) };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
