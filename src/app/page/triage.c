/* Vulnerability triage: the queue, one vulnerability (or several together) with all that is known, and the decision.
 */
#include "app/page/triage_page.h"
#include "app/page/web.h"
#include "triage.html.h"

enum { PICK_MAX = 20, SHOWN_MAX = 100 };

/* ---- the queue ----------------------------------------------------------------------------------------- */

static Str page_url(Cx *cx, Str query, Str vuln) {
  Buf b = buf_new(cx->arena, 8192);
  buf_z(&b, "/findings?v=");
  url_text(&b, vuln);
  if (query.n) {
    buf_z(&b, "&q=");
    url_text(&b, query);
  }
  return buf_str(&b);
}

const char *level_tone(Str level) {
  return str_eq(level, S("high")) ? "crit" : str_eq(level, S("medium")) ? "med" : level.n ? "ok" : "line";
}

Str level_words(Cx *cx, const TriageItem *item) {
  Str level = item->clinical.level;
  if (item->need == NEED_NOTHING && item->finding.n) return choice_words(cx->arena, item->finding.p[0].status);
  if (!level.n) return S("Not assessed");
  return str_fmt(cx->arena, "Likely %.*s", STR(level));
}

/* "nghttp2 1.52.0" of a package URL. */
Str package_short(Cx *cx, Str package) {
  Cx probe = { .arena = cx->arena };
  Purl p;
  Str first = str_slice(package, 0, str_find(package, S(", ")));
  if (purl_read(&probe, first, &p) != E_OK) return str_head(first, 60);
  return p.version.n ? str_fmt(cx->arena, "%.*s %.*s", STR(p.name), STR(p.version)) : p.name;
}

/* Findings that the program opened are called "CVE-2022-0847 in pkg:generic/linux@5.10.100". */
static bool is_own_title(const TriageItem *item) {
  return item->package.n && str_starts(item->title, item->vuln) &&
         str_starts(str_slice(item->title, item->vuln.n, item->title.n), S(" in "));
}

static Str title_words(Cx *cx, const TriageItem *item) {
  if (!is_own_title(item)) return item->title;
  return str_fmt(cx->arena, "%.*s in %.*s", STR(item->vuln), STR(package_short(cx, item->package)));
}

static Str where_words(Cx *cx, const TriageItem *item) {
  Str package = is_own_title(item) ? STR_NONE : package_short(cx, item->package);
  return str_fmt(cx->arena, "%.*s%s%zu device%s, %zu release%s", STR(package), package.n ? ", " : "", item->products,
                 item->products == 1 ? "" : "s", item->finding.n, item->finding.n == 1 ? "" : "s");
}

static bool picked(const Str *pick, size_t n, const TriageItem *item) {
  for (size_t i = 0; i < n; i++) {
    if (str_eq_nocase(pick[i], item->vuln)) return true;
    for (size_t k = 0; k < item->finding.n; k++)
      if (str_eq_nocase(pick[i], item->finding.p[k].id)) return true;
  }
  return false;
}

static void fill_queue(Cx *cx, Web *web, const Triage *t, const Str *pick, size_t npick, TriagePage *page) {
  page->groups = NEW_ARRAY(cx->arena, NEED_COUNT, TriageGroups);
  for (size_t i = 0; i < t->item.n; i++) {
    const TriageItem *item = &t->item.p[i];
    TriageGroups *g = page->groups_n ? &page->groups[page->groups_n - 1] : NULL;
    if (!g || !str_eq(g->name, str_of(need_words[item->need]))) {
      g = &page->groups[page->groups_n++];
      *g = (TriageGroups){ .name = str_of(need_words[item->need]),
                           .count = number_text(cx, (int64_t)t->count[item->need]),
                           .items = NEW_ARRAY(cx->arena, t->item.n, TriageGroupsItems) };
    }
    if (g->items_n == SHOWN_MAX) {
      g->more = str_fmt(cx->arena, "The first %d are shown. A filter finds the others.", SHOWN_MAX);
      continue;
    }
    bool on = picked(pick, npick, item);
    g->items[g->items_n++] =
        (TriageGroupsItems){ .vuln = item->vuln,
                             .url = page_url(cx, page->query, item->vuln),
                             .current = on,
                             .picked = on && npick > 1,
                             .tone = str_of(item->need == NEED_NOTHING ? "line" : level_tone(item->clinical.level)),
                             .level = level_words(cx, item),
                             .kev = item->about.kev_added.n > 0,
                             .age = age_text(cx->arena, cx->now_us - item->since_us),
                             .title = title_words(cx, item),
                             .named = is_own_title(item),
                             .where = where_words(cx, item) };
  }
  page->say = str_fmt(cx->arena, "%zu open of %zu findings", t->open, t->findings);
  (void)web;
}

static void fill_views(Cx *cx, TriagePage *page) {
  static const char *const views[][2] = { { "All", "" },
                                          { "Exploited", "known_exploited:yes" },
                                          { "Mine", "owner:me" },
                                          { "Undecided", "status:under_investigation" },
                                          { "Uncontrolled", "controlled:uncontrolled" } };
  page->views = NEW_ARRAY(cx->arena, COUNT(views), TriageViews);
  for (size_t i = 0; i < COUNT(views); i++) {
    Buf b = buf_new(cx->arena, 256);
    buf_z(&b, "/findings?q=");
    url_text(&b, str_of(views[i][1]));
    page->views[page->views_n++] = (TriageViews){ .url = buf_str(&b),
                                                  .label = str_of(views[i][0]),
                                                  .current = str_eq(page->query, str_of(views[i][1])) };
  }
}

/* ---- the one that is looked at ------------------------------------------------------------------------- */

Str tenths_text(Cx *cx, int x10) { return x10 < 0 ? S("none") : str_fmt(cx->arena, "%d.%d", x10 / 10, x10 % 10); }

Str epss_text(Cx *cx, int64_t x1e9) {
  if (x1e9 < 0) return S("none");
  if (x1e9 < 10000000)
    return str_fmt(cx->arena, "%lld.%lld %%", (long long)(x1e9 / 10000000), (long long)(x1e9 / 1000000 % 10));
  return str_fmt(cx->arena, "%lld %%", (long long)((x1e9 + 5000000) / 10000000));
}

static void add_path(Cx *cx, Web *web, TriagePage *page, Node n, const char *kind, bool cur) {
  if (n == NODE_NONE) return;
  page->path[page->path_n++] = (TriagePath){ .id = node_id(web->graph, n),
                                             .url = web_record_url(cx, node_id(web->graph, n)),
                                             .name = node_title(web->graph, n),
                                             .kind = str_of(kind),
                                             .cur = cur };
}

static void fill_clinical(Cx *cx, Web *web, const TriageItem *item, TriagePage *page) {
  const Clinical *c = &item->clinical;
  page->path = NEW_ARRAY(cx->arena, 5, TriagePath);
  if (c->path.severity.n) {
    add_path(cx, web, page, c->path.element, "element", false);
    add_path(cx, web, page, c->path.threat, "threat", false);
    add_path(cx, web, page, c->path.hazard, "hazard", false);
    add_path(cx, web, page, c->path.situation, "situation", true);
    add_path(cx, web, page, c->path.harm, str_z(cx->arena, clinical_severity_words(c->path.severity)), false);
    page->harm_short = str_upper(cx->arena, c->path.severity);
    page->harm_word = str_slice(clinical_severity_words(c->path.severity), 4, 40);
  } else {
    page->harm_short = S("none");
    page->harm_word = S("linked");
  }
  page->ease = clinical_ease_words(c->exploitability);
  page->ease_why = c->exploitability_why;
  page->matrix = c->by_plan ? S("The level is by the matrix of the product's risk plan.")
                            : S("The product's risk plan has no matrix of its own; the default one is used.");
  page->risk = level_words(cx, item);
  page->risk_tone = str_of(level_tone(c->level));
  page->uncontrolled = c->uncontrolled;
  page->notice_due = date_text(cx->arena, date_of(cx->now_us) + 30);
  page->fix_due = date_text(cx->arena, date_of(cx->now_us) + 60);
  page->ssvc =
      c->supplier.outcome.n ? c->supplier.outcome : str_fmt(cx->arena, "not decided, %.*s", STR(c->ssvc_missing));
  page->deployer = c->deployer.outcome;
  page->points = NEW_ARRAY(cx->arena, (size_t)SSVC_POINTS * 2, TriagePoints);
  for (size_t i = 0; i < c->supplier.nused; i++)
    page->points[page->points_n++] =
        (TriagePoints){ c->supplier.used[i].point, c->supplier.used[i].value, c->supplier.used[i].from };
}

static void fill_scores(Cx *cx, const TriageItem *item, TriagePage *page) {
  const VulnAbout *a = &item->about;
  Cx probe = { .arena = cx->arena };
  Cvss c;
  page->vector = a->vector;
  bool read = a->vector.n && cvss_read(&probe, a->vector, &c) == E_OK;
  page->cvss_name = read ? str_fmt(cx->arena, "CVSS %.*s", STR(c.version)) : S("CVSS");
  page->cvss = item->known ? tenths_text(cx, a->cvss_x10) : S("none");
  page->severity = a->severity.n ? choice_words(cx->arena, str_lower(cx->arena, a->severity)) : S("unscored");
  page->epss = item->known ? epss_text(cx, a->epss_x1e9) : S("none");
  if (item->known && a->percentile_x1e9 > 0)
    page->percentile = str_fmt(cx->arena, "above %lld %% of all", (long long)(a->percentile_x1e9 / 10000000));
  page->kev = a->kev_added;
  page->units = number_text(cx, item->units);
  page->aliases = NEW_ARRAY(cx->arena, a->naliases, TriageAliases);
  for (size_t i = 0; i < a->naliases; i++) page->aliases[page->aliases_n++] = (TriageAliases){ a->aliases[i] };
}

static Err fill_finding(Cx *cx, Web *web, const TriageItem *item, const TriageFinding *f, bool several,
                        TriagePage *page) {
  const Graph *g = web->graph;
  TriageFindings row = { .id = f->id,
                         .url = web_record_url(cx, f->id),
                         .checked = f->need == NEED_DECISION || f->need == NEED_REVIEW,
                         .release = f->release != NODE_NONE   ? node_title(g, f->release)
                                    : f->product != NODE_NONE ? node_title(g, f->product)
                                                              : S("no release"),
                         .package = f->package,
                         .units = number_text(cx, f->units),
                         .status = f->need == NEED_DECISION ? S("Undecided") : choice_words(cx->arena, f->status),
                         .tone = str_of(f->need == NEED_DECISION || f->need == NEED_REVIEW ? "med"
                                        : str_eq(f->status, S("affected"))                 ? "high"
                                                                                           : "ok") };
  if (several) row.several = item->vuln;
  if (f->decision) {
    row.decision = f->decision->id;
    row.decision_url = web_record_url(cx, f->decision->id);
    if (f->decision->in_force)
      row.decision_words = str_fmt(cx->arena, "by %.*s, %.*s", STR(person_name(cx, web, f->decision->by)),
                                   STR(day_text(cx, f->decision->decided_us)));
    else TRY(decision_waits(cx, web, f->decision, &row.decision_words));
  }
  row.triggers = NEW_ARRAY(cx->arena, f->triggers.n, TriageFindingsTriggers);
  for (size_t i = 0; i < f->triggers.n; i++)
    row.triggers[row.triggers_n++] =
        (TriageFindingsTriggers){ str_fmt(cx->arena, "Look again: %.*s", STR(f->triggers.p[i].words)) };
  page->findings[page->findings_n++] = row;
  return E_OK;
}

/* Earlier decisions about the same vulnerability that no finding here points to, with why they fit or not. */
static void fill_earlier(Cx *cx, Web *web, const Triage *t, const TriageItem *item, TriagePage *page) {
  page->earlier = NEW_ARRAY(cx->arena, t->decisions.n, TriageEarlier);
  for (size_t i = 0; i < t->decisions.n && page->earlier_n < 5; i++) {
    const Decision *d = &t->decisions.p[i];
    bool same = str_eq_nocase(d->vuln, item->vuln), here = false;
    for (size_t k = 0; k < item->about.naliases; k++) same |= str_eq_nocase(d->vuln, item->about.aliases[k]);
    bool waits = false;
    for (size_t k = 0; k < item->finding.n; k++) {
      here |= item->finding.p[k].decision == d;
      waits |= item->finding.p[k].need == NEED_DECISION;
    }
    bool proposal = d->source.n && !d->in_force;
    if (!same || (!d->in_force && !proposal) || (here && !waits)) continue;
    Str why = S("It may hold here too.");
    for (size_t k = 0; k < item->finding.n; k++) {
      const TriageFinding *f = &item->finding.p[k];
      Str package, version, words;
      if (f->need != NEED_DECISION) continue;
      package_parts(cx, f->package, &package, &version);
      DecisionCase c = { .id = &item->vuln,
                         .nid = 1,
                         .purl = package,
                         .name = package,
                         .version = version,
                         .product = f->product,
                         .release = f->release,
                         .element = f->elements.n ? f->elements.p[0] : NODE_NONE };
      if (decision_fit(cx, web->graph, d, &c, &words) != FIT_YES && words.n)
        why = str_fmt(cx->arena, "It does not hold for %.*s: %.*s.", STR(f->id), STR(words));
    }
    page->earlier[page->earlier_n++] =
        (TriageEarlier){ .id = d->id,
                         .url = web_record_url(cx, d->id),
                         .by = person_name(cx, web, d->by),
                         .day = day_text(cx, d->decided_us),
                         .status = str_lower(cx->arena, choice_words(cx->arena, d->status)),
                         .why = d->why,
                         .fit = why };
  }
}

static Err fill_reasons(Cx *cx, Web *web, const TriageItem *item, TriagePage *page) {
  VerdictRows rows = { 0 };
  TRY(vuln_verdicts(cx, web->store, &(VerdictQuery){ .vuln = item->vuln, .limit = 20 }, &rows));
  page->reasons = NEW_ARRAY(cx->arena, rows.n, TriageReasons);
  for (size_t i = 0; i < rows.n; i++) {
    const VerdictRow *v = &rows.p[i];
    if (v->outcome > OUTCOME_NOT_ASSESSABLE) continue;
    if (!page->fixed.n) page->fixed = v->fixed;
    page->reasons[page->reasons_n++] = (TriageReasons){ .outcome = outcome_words(v->outcome),
                                                        .tone = str_of(outcome_tone(v->outcome)),
                                                        .package = v->purl.n ? v->purl : v->name,
                                                        .reason = v->reason,
                                                        .tier = str_dup(cx->arena, (Str){ &v->tier, 1 }),
                                                        .rule = v->rule };
  }
  return E_OK;
}

/* What the person should look at before one reason is given for several. */
static Str differ_words(Cx *cx, const TriageItem *const *items, size_t n) {
  Buf b = buf_new(cx->arena, 1024);
  bool level = false, package = false, kev = false;
  for (size_t i = 1; i < n; i++) {
    level |= !str_eq(items[i]->clinical.level, items[0]->clinical.level);
    kev |= (items[i]->about.kev_added.n > 0) != (items[0]->about.kev_added.n > 0);
    package |= !str_eq(package_short(cx, items[i]->package), package_short(cx, items[0]->package));
  }
  if (package) buf_z(&b, "package");
  if (level) buf_fmt(&b, "%slikely clinical risk", b.n ? ", " : "");
  if (kev) buf_fmt(&b, "%swhether it is exploited", b.n ? ", " : "");
  if (!b.n) buf_z(&b, "nothing that is known");
  return buf_str(&b);
}

/* A finding that nobody gave a vulnerability stands under its own id, which no advisory knows. */
static Str about_url(Cx *cx, const TriageItem *item) {
  Buf b = buf_new(cx->arena, 8192);
  if (str_eq(item->vuln, item->finding.p[0].id)) return STR_NONE;
  buf_z(&b, "/cve/");
  url_text(&b, item->vuln);
  return buf_str(&b);
}

static Err fill_items(Cx *cx, Web *web, const Triage *t, const TriageItem *const *items, size_t n, TriagePage *page) {
  const TriageItem *item = items[0];
  size_t rows = 0, waits = 0;
  for (size_t i = 0; i < n; i++) rows += items[i]->finding.n;
  page->vuln = item->vuln;
  page->cve_url = about_url(cx, item);
  page->title = title_words(cx, item);
  page->findings = NEW_ARRAY(cx->arena, rows, TriageFindings);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < items[i]->finding.n; k++)
      TRY(fill_finding(cx, web, items[i], &items[i]->finding.p[k], n > 1, page));
  for (size_t i = 0; i < page->findings_n; i++) waits += page->findings[i].checked;
  page->applies = str_fmt(cx->arena, "for the %zu ticked of %zu", waits, page->findings_n);
  if (n > 1) {
    page->several = str_fmt(cx->arena, "%zu vulnerabilities", n);
    page->differ = differ_words(cx, items, n);
    page->title = page->several;
  }
  fill_scores(cx, item, page);
  fill_clinical(cx, web, item, page);
  fill_earlier(cx, web, t, item, page);
  TRY(fill_reasons(cx, web, item, page));
  return triage_form(cx, web, item, page);
}

/* ---- the page ------------------------------------------------------------------------------------------ */

/* A quiet queue over old advisories is no good news. */
static Str stale_words(Cx *cx, Web *web) {
  SnapshotRow row;
  Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
  if (vuln_current(&probe, web->store, &row) != E_OK) return STR_NONE;
  Freshness f = app_freshness(cx, &row);
  return f.old ? str_fmt(cx->arena, "%.*s. New findings may be missing.", STR(f.words)) : STR_NONE;
}

Str advisories_broken(Cx *cx, Str why) {
  return str_fmt(cx->arena, "The advisories cannot be read; what was found and decided before is shown. %.*s.",
                 STR(why));
}

static Str empty_words(Cx *cx, Web *web) {
  SnapshotRow row;
  Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
  if (vuln_current(&probe, web->store, &row) != E_OK)
    return S("No advisories are in use yet, so nothing can be found. Make a snapshot: proofline feed build");
  return str_fmt(cx->arena, "Nothing here waits for a decision. %.*s.", STR(app_freshness(cx, &row).words));
}

Err triage_show(Cx *cx, Web *web, const Request *req, const Str *pick, size_t npick, const Form *typed, Str problem,
                Response *res) {
  Triage t = { 0 };
  TriagePage page = { .query = typed ? form_get(typed, "q") : str_trim(request_query(req, "q")),
                      .csrf = csrf_token(cx, &web->who),
                      .problem = problem,
                      .done = request_query(req, "done") };
  const TriageItem *items[PICK_MAX];
  size_t n = 0;
  Str broken = STR_NONE;
  page.may =
      authorise(&(Cx){ .arena = cx->arena }, &web->who, "finding.decide", PRODUCT_ANY) == E_OK && web->asof_size < 0;
  Err e = triage_load(cx, web->store, web->graph, page.query, web->who.id, &broken, &t);
  if (e == E_USAGE) { /* the filter cannot be read: say so, keep what was typed */
    page.error = cx->words;
    cx_forgive(cx);
    res->status = 422;
  } else {
    TRY(e);
  }
  for (size_t i = 0; i < t.item.n && n < PICK_MAX; i++)
    if (picked(pick, npick, &t.item.p[i])) items[n++] = &t.item.p[i];
  if (!npick && t.item.n && t.item.p[0].need != NEED_NOTHING) items[n++] = &t.item.p[0];
  Str one[1];
  if (!npick && n) one[0] = items[0]->vuln;
  fill_queue(cx, web, &t, npick ? pick : one, npick ? npick : n, &page);
  fill_views(cx, &page);
  page.empty = empty_words(cx, web);
  page.stale = broken.n ? advisories_broken(cx, broken) : stale_words(cx, web);
  TRY(triage_to_sign(cx, web, &t, &page));
  if (n) TRY(fill_items(cx, web, &t, items, n, &page));
  if (typed) triage_typed(cx, typed, &page);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  triage_html(&b, &page);
  PageFrame frame = { .title = S("Vulnerability triage"), .here = "finding", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

Err page_triage(Cx *cx, Web *web, const Request *req, Response *res) {
  Str pick[PICK_MAX];
  size_t n = 0;
  for (size_t i = 0; i < req->nquery && n < PICK_MAX; i++)
    if (str_eq(req->query[i].name, S("v")) && req->query[i].value.n) pick[n++] = req->query[i].value;
  return triage_show(cx, web, req, pick, n, NULL, STR_NONE, res);
}
