/* Names in advisories: which could be components of ours, and the rules that people approved. */
#include "app/page/web.h"
#include "names.html.h"

enum { SHOWN = 60 };

/* The form for a rule, filled in as far as the two names go. */
static Str form_url(Cx *cx, const NameProposal *p, bool same) {
  const struct {
    const char *field;
    Str value;
  } fields[] = { { "says", same ? S("same") : S("different") },
                 { "component", p->component },
                 { "vendor", p->vendor },
                 { "product", p->product },
                 { "title", str_fmt(cx->arena, "%.*s is %s%.*s in advisories", STR(str_head(p->component, 100)),
                                    same ? "" : "not ", STR(str_head(p->product, 100))) } };
  Buf b = buf_new(cx->arena, 64 * 1024);
  buf_z(&b, "/new/name_rule");
  for (size_t i = 0; i < COUNT(fields); i++) {
    buf_fmt(&b, "%s%s=", i ? "&" : "?", fields[i].field);
    url_text(&b, fields[i].value);
  }
  return buf_str(&b);
}

static Str advisories_text(Cx *cx, int64_t n) {
  return n == 1 ? S("one advisory") : str_fmt(cx->arena, "%lld advisories", (long long)n);
}

static Err fill_candidates(Cx *cx, Web *web, NamesPage *page) {
  NameProposals list = { 0 };
  size_t total = 0;
  Err e = app_name_proposals(cx, web->store, web->graph, SHOWN, &list, &total);
  if (e == E_NOTFOUND || e == E_INTEGRITY) {   /* no snapshot, or none that can be read: the rules are shown */
    page->none = cx->words;
    cx_forgive(cx);
    return E_OK;
  }
  TRY(e);
  if (!total) page->none = S("No component without a known identity bears a name that an advisory uses.");
  page->count = total > list.n ? str_fmt(cx->arena, "%zu of %zu, the likeliest", list.n, total)
                               : str_fmt(cx->arena, "%zu", total);
  page->candidates = NEW_ARRAY(cx->arena, list.n + 1, NamesCandidates);
  for (size_t i = 0; i < list.n; i++) {
    const NameProposal *p = &list.p[i];
    page->candidates[page->candidates_n++] =
        (NamesCandidates){ .component = p->component,
                           .sample = p->sample,
                           .product = p->product,
                           .vendor = p->vendor,
                           .how = str_of(p->how),
                           .seen_in = p->seen_in,
                           .advisories = advisories_text(cx, p->advisories),
                           .rule = p->rule,
                           .state = state_words(cx, p->state),
                           .url = p->rule.n ? web_record_url(cx, p->rule) : STR_NONE,
                           .same = form_url(cx, p, true),
                           .different = form_url(cx, p, false) };
  }
  return E_OK;
}

static Str value_of(const Graph *g, Node n, const char *field) {
  const Value *v = node_value(g, n, field);
  return v && v->set ? v->s : STR_NONE;
}

static Err fill_rules(Cx *cx, Web *web, NamesPage *page) {
  const Graph *g = web->graph;
  Nodes nodes = { 0 };
  Query *q;
  TRY(query_compile(cx, S("type:name_rule -state:voided sort:-id"), &(QueryScope){ .now_us = cx->now_us }, &q));
  TRY(query_run(cx, g, q, &nodes));
  page->rules = NEW_ARRAY(cx->arena, nodes.n + 1, NamesRules);
  for (size_t i = 0; i < nodes.n && page->rules_n < SHOWN; i++) {
    Node n = nodes.p[i];
    Str package = value_of(g, n, "package"), cpe = value_of(g, n, "cpe"), product = value_of(g, n, "product");
    page->rules[page->rules_n++] = (NamesRules){ .id = node_id(g, n),
                                                 .url = web_record_url(cx, node_id(g, n)),
                                                 .state = state_words(cx, node_state(g, n)),
                                                 .tone = str_of(state_tone(node_state_flags(g, n))),
                                                 .component = package.n ? package : value_of(g, n, "component"),
                                                 .says = value_of(g, n, "says"),
                                                 .product = product.n ? product : value_of(g, n, "is_package"),
                                                 .other = cpe };
  }
  return E_OK;
}

Err page_names(Cx *cx, Web *web, const Request *req, Response *res) {
  NamesPage page = { 0 };
  TRY(fill_candidates(cx, web, &page));
  TRY(fill_rules(cx, web, &page));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  names_html(&b, &page);
  PageFrame frame = { .title = S("Names in advisories"), .here = "feeds", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
