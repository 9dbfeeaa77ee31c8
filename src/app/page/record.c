/* A record: its fields, links both ways, state, what the checks miss, and the steps that this person may take. */
#include "app/page/record.h"
#include "app/page/device.h"
#include "app/page/scores.h"
#include "app/page/talk.h"
#include "record.html.h"
#include "record_head.html.h"

/* ---- head ---------------------------------------------------------------------------------------------- */

static void head_steps(Cx *cx, const StepChoice *choice, size_t n, RecordHeadPage *page) {
  page->steps = NEW_ARRAY(cx->arena, n, RecordHeadSteps);
  for (size_t i = 0; i < n; i++) {
    const Step *s = choice[i].step;
    bool is_signed = s->flags & STEP_SIGN;
    if (!choice[i].allowed || ((s->flags & STEP_REASON) && !is_signed)) continue;
    page->steps[page->steps_n] = (RecordHeadSteps){ .step = str_of(s->name),
                                                    .label = str_of(s->label),
                                                    .means = str_of(s->means),
                                                    .primary = page->steps_n == 0,
                                                    .is_signed = is_signed };
    page->steps_n++;
  }
}

Html record_head(Cx *cx, Web *web, const RecordView *v, bool history) {
  const Record *r = &v->record;
  RecordHeadPage page = { .id = r->id,
                          .title = r->title,
                          .type = str_of(r->type->title),
                          .plural = str_of(r->type->plural),
                          .list_url = web_list_url(cx, r->type, STR_NONE),
                          .state = state_words(cx, r->state),
                          .tone = v->tone,
                          .entries = number_text(cx, (int64_t)v->entries),
                          .on_record = !history,
                          .on_history = history,
                          .csrf = csrf_token(cx, &web->who),
                          .rev = str_fmt(cx->arena, "%lld", (long long)r->rev) };
  if (r->products.n) {
    Node n = graph_find(web->graph, r->products.p[0]);
    page.device_url = str_fmt(cx->arena, "/d/%.*s", STR(r->products.p[0]));
    page.device = n == NODE_NONE ? r->products.p[0] : node_title(web->graph, n);
  }
  if (r->is_last && v->may_edit) {
    const State *st = life_state(r->type->life, r->state);
    page.edit_url = str_fmt(cx->arena, "/r/%.*s/edit", STR(r->id));
    page.edit_label =
        st && !(st->flags & ST_EDIT) ? str_fmt(cx->arena, "Start draft rev %lld", (long long)r->rev + 1) : S("Edit");
  }
  if (r->is_last) head_steps(cx, v->choice, v->nchoice, &page);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  record_head_html(&b, &page);
  return (Html){ buf_str(&b) };
}

Err record_view(Cx *cx, Web *web, Str id, int64_t rev, RecordView *out) {
  if (web->asof_size >= 0) TRY(record_get_at(cx, web->store, id, web->asof_size, &out->record));
  else TRY(record_get(cx, web->store, id, rev, &out->record));
  const Record *r = &out->record;
  Str product = r->products.n ? r->products.p[0] : STR_NONE;
  TRY(authorise(cx, &web->who, "read", product.n ? product : PRODUCT_ANY));
  TRY(record_choices(cx, web->store, &web->who, r, &out->choice, &out->nchoice, &out->may_edit));
  LogRows rows = { 0 };
  int64_t newest = web->asof_size >= 0 ? web->asof_size - 1 : INT64_MAX;
  TRY(ledger_entries(cx, web->store, r->id, newest, 0, SIZE_MAX, &rows));
  const State *st = life_state(r->type->life, r->state);
  out->log = rows;
  out->entries = rows.n;
  out->tone = str_of(state_tone(st ? st->flags : 0));
  return E_OK;
}

/* ---- fields and links ---------------------------------------------------------------------------------- */

static RecordFieldsLinks link_row(Cx *cx, Web *web, Str to, const char *link, bool suspect, bool may) {
  Node n = graph_find(web->graph, to);
  RecordFieldsLinks row = {
    .id = to, .url = web_record_url(cx, to), .link = str_of(link), .suspect = suspect, .may = may, .tone = S("line")
  };
  if (n == NODE_NONE) return row;
  row.title = node_title(web->graph, n);
  row.state = state_words(cx, node_state(web->graph, n));
  row.tone = str_of(state_tone(node_state_flags(web->graph, n)));
  return row;
}

static bool edge_suspect(const Edges *edges, const Graph *g, Str to, bool inverse, const char *name) {
  for (size_t i = 0; i < edges->n; i++)
    if (edges->p[i].suspect && edges->p[i].inverse == inverse && str_eq(node_id(g, edges->p[i].to), to) &&
        str_eq(str_of(edges->p[i].name->name), str_of(name)))
      return true;
  return false;
}

static void fill_fields(Cx *cx, Web *web, const RecordView *v, const Edges *edges, RecordPage *page) {
  const Record *r = &v->record;
  page->fields = NEW_ARRAY(cx->arena, r->type->nfields, RecordFields);
  for (size_t i = 0; i < r->type->nfields; i++) {
    const Field *f = &r->type->fields[i];
    const Value *value = &r->values[i];
    RecordFields row = { .label = str_of(f->label), .pre = f->kind == LONG };
    if (f->kind == LONG && (f->flags & MADE)) continue; /* has a table of its own */
    if (f->kind == LINK) {
      row.links = NEW_ARRAY(cx->arena, value->links.n, RecordFieldsLinks);
      for (size_t k = 0; k < value->links.n; k++) {
        bool suspect = r->is_last && edge_suspect(edges, web->graph, value->links.p[k].to, false, f->name);
        row.links[row.links_n++] = link_row(cx, web, value->links.p[k].to, f->name, suspect, v->may_edit);
      }
      if (!row.links_n) continue;
    } else {
      row.text = field_words(cx, web, f, value);
      if (!row.text.n) continue;
    }
    page->fields[page->fields_n++] = row;
  }
}

static void fill_back(Cx *cx, Web *web, const Edges *edges, RecordPage *page) {
  page->back = NEW_ARRAY(cx->arena, nlink_names, RecordBack);
  for (size_t name = 0; name < nlink_names; name++) {
    RecordBack group = { .label = str_of(link_names[name].inverse_label) };
    for (size_t i = 0; i < edges->n; i++) {
      const Edge *e = &edges->p[i];
      if (!e->inverse || e->name != &link_names[name]) continue;
      if (!group.links) group.links = NEW_ARRAY(cx->arena, edges->n, RecordBackLinks);
      Node n = e->to;
      group.links[group.links_n++] = (RecordBackLinks){ .id = node_id(web->graph, n),
                                                        .url = web_record_url(cx, node_id(web->graph, n)),
                                                        .title = node_title(web->graph, n),
                                                        .state = state_words(cx, node_state(web->graph, n)),
                                                        .tone = str_of(state_tone(node_state_flags(web->graph, n))),
                                                        .suspect = e->suspect };
    }
    if (group.links_n) page->back[page->back_n++] = group;
  }
}

/* ---- state --------------------------------------------------------------------------------------------- */

/* The straight way through the life of a record: each state's first step that leads on to a new state. */
static void fill_path(Cx *cx, const Record *r, RecordPage *page) {
  const Lifecycle *l = r->type->life;
  page->path = NEW_ARRAY(cx->arena, l->nstates, RecordPath);
  bool seen = false;
  const char *at = l->states[0].name;
  while (at && page->path_n < l->nstates) {
    bool current = str_eq(str_of(at), r->state);
    seen |= current;
    page->path[page->path_n++] =
        (RecordPath){ .label = state_words(cx, str_of(at)), .current = current, .done = !seen };
    const char *next = NULL;
    for (size_t i = 0; i < l->nsteps && !next; i++) {
      if (!str_eq(str_of(l->steps[i].from), str_of(at)) || (l->steps[i].flags & STEP_REASON)) continue;
      bool back = false;
      for (size_t k = 0; k < l->nstates && !str_eq(str_of(l->states[k].name), str_of(at)); k++)
        back |= str_eq(str_of(l->states[k].name), str_of(l->steps[i].to));
      if (!back && !str_eq(str_of(l->steps[i].to), str_of(at))) next = l->steps[i].to;
    }
    at = next;
  }
  if (seen) return;
  for (size_t i = 0; i < page->path_n; i++) page->path[i].done = true;
  if (page->path_n < l->nstates)
    page->path[page->path_n++] = (RecordPath){ .label = state_words(cx, r->state), .current = true };
}

static void fill_state(Cx *cx, const RecordView *v, RecordPage *page) {
  const Record *r = &v->record;
  fill_path(cx, r, page);
  page->refusals = NEW_ARRAY(cx->arena, v->nchoice, RecordRefusals);
  page->others = NEW_ARRAY(cx->arena, v->nchoice, RecordOthers);
  for (size_t i = 0; r->is_last && i < v->nchoice; i++) {
    const Step *s = v->choice[i].step;
    if (v->choice[i].allowed && (s->flags & STEP_REASON) && !(s->flags & STEP_SIGN))
      page->others[page->others_n++] =
          (RecordOthers){ .step = str_of(s->name), .label = str_of(s->label), .means = str_of(s->means) };
  }
  for (size_t i = 0; r->is_last && i < v->nchoice; i++)
    if (!v->choice[i].allowed && !(v->choice[i].step->flags & STEP_REASON))
      page->refusals[page->refusals_n++] = (RecordRefusals){ str_of(v->choice[i].step->label), v->choice[i].why_not };
}

static void fill_notice(Cx *cx, const RecordView *v, RecordPage *page) {
  const Record *r = &v->record;
  if (!r->is_last) {
    page->notice = str_fmt(cx->arena, "This is revision %lld, not the last.", (long long)r->rev);
    page->notice_more = S("It is shown as it was.");
    page->notice_url = web_record_url(cx, r->id);
    page->notice_label = S("Show the last revision");
  } else if (r->in_force_rev && r->in_force_rev != r->rev) {
    page->notice = str_fmt(cx->arena, "Revision %lld is in force.", (long long)r->in_force_rev);
    page->notice_more =
        str_fmt(cx->arena, "You are reading draft revision %lld; nothing that relies on this record has changed yet.",
                (long long)r->rev);
    page->notice_url = str_fmt(cx->arena, "/r/%.*s?rev=%lld", STR(r->id), (long long)r->in_force_rev);
    page->notice_label = str_fmt(cx->arena, "Show revision %lld", (long long)r->in_force_rev);
  }
}

static Err fill_gaps(Cx *cx, Web *web, const Record *r, RecordPage *page) {
  Gaps gaps = { 0 };
  size_t total = 0;
  GapQuery q = { .scope = { r->products.n ? r->products.p[0] : STR_NONE, STR_NONE }, .object = r->id, .limit = 20 };
  if (!q.scope.product.n && web->products.n) q.scope.product = node_id(web->graph, web->products.p[0]);
  TRY(web_gaps(cx, web, &q, &gaps, &total));
  page->gaps = NEW_ARRAY(cx->arena, gaps.n, RecordGaps);
  for (size_t i = 0; i < gaps.n; i++) {
    GapRow g = gap_row(cx, web, &gaps.p[i]);
    page->gaps[page->gaps_n++] =
        (RecordGaps){ .rule = g.rule, .tone = g.tone, .severity = g.severity, .message = g.message, .fix = g.fix };
  }
  page->gap_count = number_text(cx, (int64_t)total);
  return E_OK;
}

/* 21 CFR 11.50: name, time and meaning stand on every form of the record, on the printed one too. */
static Err fill_signatures(Cx *cx, Web *web, const Record *r, RecordPage *page) {
  Signatures all = { 0 };
  TRY(record_signatures(cx, web->store, r->id, &all));
  page->signatures = NEW_ARRAY(cx->arena, all.n, RecordSignatures);
  for (size_t i = all.n; i-- > 0;) {
    const Signature *g = &all.p[i];
    if (web->asof_size >= 0 && g->seq >= web->asof_size) continue;
    page->signatures[page->signatures_n++] =
        (RecordSignatures){ .initials = initials(cx, g->name),
                            .name = g->name,
                            .title = g->title,
                            .kind = signature_kind(cx->arena, g->kind),
                            .meaning = g->meaning,
                            .time = signed_text(cx, g->signed_us),
                            .method = signature_method(g),
                            .covers = signature_covers(cx, g, r->rev),
                            .full = g->hash,
                            .hash = str_slice(g->hash, 0, 8),
                            .stale = g->rev != r->rev };
  }
  return E_OK;
}

static void fill_link_form(Cx *cx, const RecordView *v, RecordPage *page) {
  const RecordType *t = v->record.type;
  page->link_names = NEW_ARRAY(cx->arena, t->nfields, RecordLinkNames);
  for (size_t i = 0; i < t->nfields; i++)
    if (t->fields[i].kind == LINK)
      page->link_names[page->link_names_n++] =
          (RecordLinkNames){ str_of(t->fields[i].name), str_of(t->fields[i].label) };
  page->may_link = v->may_edit && v->record.is_last && page->link_names_n > 0;
  page->needs_reason = v->record.in_force_rev > 0;
}

static Err fill_scores(Cx *cx, Web *web, const Record *r, Node n, RecordPage *page) {
  const Value *vuln = str_eq(str_of(r->type->name), S("finding")) ? record_value(r, "vulnerability") : NULL;
  if (!vuln || !vuln->set || n == NODE_NONE) return E_OK;
  return score_card(cx, web, vuln->s, NULL, &(Nodes){ .p = &n, .n = 1 }, &page->scores);
}

Err page_record(Cx *cx, Web *web, const Request *req, Response *res) {
  RecordView v = { 0 };
  int64_t rev = 0;
  Str asked = request_query(req, "rev");
  if (asked.p && (!str_int(asked, &rev) || rev < 1))
    return fail(cx, E_USAGE, "rev wants a revision number from 1 up");
  TRY(record_view(cx, web, req->params[0], rev, &v));
  const Record *r = &v.record;
  RecordPage page = { .id = r->id,
                      .rev = str_fmt(cx->arena, "%lld", (long long)r->rev),
                      .state = state_words(cx, r->state),
                      .tone = v.tone,
                      .owner = person_name(cx, web, r->owner),
                      .created = day_text(cx, r->created_us),
                      .changed = day_text(cx, r->changed_us),
                      .changed_by = person_name(cx, web, r->changed_by),
                      .entries = number_text(cx, (int64_t)v.entries),
                      .many = v.entries != 1,
                      .log_size = number_text(cx, graph_log_size(web->graph)),
                      .hash = hash_hex(cx->arena, r->hash),
                      .csrf = csrf_token(cx, &web->who),
                      .head = record_head(cx, web, &v, false) };
  page.products = NEW_ARRAY(cx->arena, r->products.n, RecordProducts);
  for (size_t i = 0; i < r->products.n; i++) {
    Node p = graph_find(web->graph, r->products.p[i]);
    page.products[page.products_n++] =
        (RecordProducts){ r->products.p[i], p == NODE_NONE ? r->products.p[i] : node_title(web->graph, p) };
  }
  Edges edges = { 0 };
  Node n = graph_find(web->graph, r->id);
  if (n != NODE_NONE) graph_edges(cx, web->graph, n, NULL, &edges);
  fill_fields(cx, web, &v, &edges, &page);
  fill_back(cx, web, &edges, &page);
  fill_state(cx, &v, &page);
  if (web->asof_size < 0) fill_notice(cx, &v, &page);
  TRY(fill_signatures(cx, web, r, &page));
  TRY(fill_gaps(cx, web, r, &page));
  fill_link_form(cx, &v, &page);
  TRY(record_talk(cx, web, &v, &page.talk));
  if (baseline_is(r->type)) TRY(baseline_part(cx, web, &v, &page.baseline));
  TRY(fill_scores(cx, web, r, n, &page));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  record_html(&b, &page);
  PageFrame frame = { .title = str_fmt(cx->arena, "%.*s %.*s", STR(r->id), STR(r->title)),
                      .here = r->type->name,
                      .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
