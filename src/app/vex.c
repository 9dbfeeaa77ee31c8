/* VEX out of decisions, and VEX of others in: as proposals that count only once somebody here signs them. */
#include "app/vex.h"
#include <stdlib.h>

/* ---- out ----------------------------------------------------------------------------------------------- */

static Str text_of(const Graph *g, Node n, const char *field) {
  const Value *v = node_value(g, n, field);
  return v ? v->s : STR_NONE;
}

static Str list_of(Cx *cx, const Graph *g, Node n, const char *field) {
  const Value *v = node_value(g, n, field);
  Buf b = buf_new(cx->arena, 1024);
  for (size_t i = 0; v && i < v->list.n; i++) buf_fmt(&b, "%s%.*s", i ? " " : "", STR(v->list.p[i]));
  return buf_str(&b);
}

static int by_vuln(const void *x, const void *y) {
  const VexLine *a = x, *b = y;
  int d = str_cmp(a->vuln, b->vuln);
  if (!d) d = str_cmp(a->status, b->status);
  if (!d) d = str_cmp(a->last, b->last);
  if (!d) d = str_cmp(a->impact, b->impact);
  return d ? d : str_cmp(a->purl.n ? a->purl : a->name, b->purl.n ? b->purl : b->name);
}

static Str seconds(Cx *cx, int64_t us) {
  return str_fmt(cx->arena, "%.*sZ", STR(str_slice(time_text(cx->arena, us), 0, 19)));
}

static void say_decision(Cx *cx, const Graph *g, const Decision *d, VexLine *l) {
  l->status = d->status;
  l->justification = d->justification;
  l->cyclonedx = text_of(g, d->node, "cyclonedx");
  l->response = list_of(cx, g, d->node, "response");
  l->impact = text_of(g, d->node, "impact");
  l->action = text_of(g, d->node, "action");
  l->last = seconds(cx, d->decided_us);
}

static Str joined_aliases(Cx *cx, const VulnAbout *a) {
  Buf b = buf_new(cx->arena, 8192);
  for (size_t i = 0; i < a->naliases; i++) buf_fmt(&b, "%s%.*s", i ? " " : "", STR(a->aliases[i]));
  return buf_str(&b);
}

static bool asked_for(const Held *h, const VexScope *scope) {
  return str_eq(h->sbom.product, scope->product) && (!scope->release.n || str_eq(h->sbom.release, scope->release)) &&
         h->verdict.outcome <= OUTCOME_UNCERTAIN;
}

static Err add_lines(Cx *cx, Store *s, const Graph *g, Str vuln, const VexScope *scope, VexLines *out) {
  Where w = { 0 };
  TRY(where_is(cx, s, g, vuln, NULL, &w));
  for (size_t i = 0; i < w.held.n; i++) {
    const Held *h = &w.held.p[i];
    if (!asked_for(h, scope)) continue;
    VexLine l = { .vuln = w.about.id,
                  .aliases = joined_aliases(cx, &w.about),
                  .vector = w.about.vector,
                  .severity = str_lower(cx->arena, w.about.severity),
                  .cvss_x10 = w.about.cvss_x10,
                  .status = S("under_investigation"),
                  .purl = h->verdict.purl,
                  .name = h->verdict.name,
                  .version = h->verdict.version,
                  .first = seconds(cx, h->verdict.first_us),
                  .last = seconds(cx, h->verdict.first_us) };
    if (h->decision && h->decision->in_force) say_decision(cx, g, h->decision, &l);
    if (str_cmp(l.first, l.last) > 0) l.first = l.last;
    bool twice = false;
    for (size_t k = 0; k < out->n; k++)
      twice |= str_eq(out->p[k].vuln, l.vuln) && str_eq(out->p[k].purl, l.purl) && l.purl.n;
    if (!twice) vec_add(cx->arena, out, l);
  }
  return E_OK;
}

/* Every vulnerability that touches an SBOM of the release. */
static Err find_vulns(Cx *cx, Store *s, const VexScope *scope, VulnIds *out, Str *serial) {
  SbomList sboms = { 0 };
  Map seen = map_new(cx->arena, 256);
  TRY(supply_sboms(cx, s, scope->product, scope->release, true, &sboms));
  if (!sboms.n)
    return fail(cx, E_NOTFOUND, "There is no SBOM of %.*s %.*s, so nothing can be stated", STR(scope->product),
                STR(scope->release));
  for (size_t i = 0; i < sboms.n; i++) {
    VerdictRows rows = { 0 };
    TRY(vuln_verdicts(cx, s, &(VerdictQuery){ .sbom = sboms.p[i].id, .limit = 100000 }, &rows));
    for (size_t k = 0; k < rows.n; k++) {
      if (rows.p[k].outcome > OUTCOME_UNCERTAIN || !rows.p[k].vuln.n || map_get(&seen, rows.p[k].vuln) != MAP_NONE)
        continue;
      map_put(&seen, rows.p[k].vuln, 1);
      vec_add(cx->arena, out, rows.p[k].vuln);
    }
  }
  *serial = sboms.n == 1 && str_eq(sboms.p[0].format, S("CycloneDX")) ? sboms.p[0].serial : STR_NONE;
  return E_OK;
}

/* A name for the document that does not change: of publisher, product and release, as a UUID (version 5 in form). */
static Str document_id(Cx *cx, Str publisher, const VexScope *scope, VexFormat format) {
  Str name =
      str_fmt(cx->arena, "%.*s|%.*s|%.*s|%d", STR(publisher), STR(scope->product), STR(scope->release), (int)format);
  Str h = hash_hex(cx->arena, sha256(name));
  Str uuid = str_fmt(cx->arena, "%.8s-%.4s-5%.3s-8%.3s-%.12s", h.p, h.p + 8, h.p + 13, h.p + 17, h.p + 20);
  return str_fmt(cx->arena, "urn:uuid:%.*s", STR(uuid));
}

Err vex_export(Cx *cx, Store *s, const Graph *g, const Settings *set, const VexScope *scope, VexFormat format,
               Buf *out) {
  VulnIds vulns = { 0 };
  VexLines lines = { 0 };
  Node product = graph_find(g, scope->product),
       release = scope->release.n ? graph_find(g, scope->release) : NODE_NONE;
  Str named = str_trim(set->text[SET_PUBLISHER]);
  VexOut v = { .author = named.n ? named : str_trim(set->text[SET_COMPANY]),
               .publisher_url = str_trim(set->text[SET_PUBLISHER_URL]),
               .publisher_category = str_trim(set->text[SET_PUBLISHER_KIND]) };
  if (product == NODE_NONE) return fail(cx, E_NOTFOUND, "There is no device %.*s", STR(scope->product));
  TRY(find_vulns(cx, s, scope, &vulns, &v.sbom_serial));
  for (size_t i = 0; i < vulns.n; i++) TRY(add_lines(cx, s, g, vulns.p[i], scope, &lines));
  if (lines.n) qsort(lines.p, lines.n, sizeof *lines.p, by_vuln);
  v.id = document_id(cx, v.author, scope, format);
  v.product_name = node_title(g, product);
  v.product_version = release == NODE_NONE ? scope->release : text_of(g, release, "version");
  if (!v.product_version.n) v.product_version = scope->release.n ? scope->release : S("all");
  Buf id = buf_new(cx->arena, 4096);
  buf_z(&id, "pkg:generic/");
  url_text(&id, scope->product);
  buf_byte(&id, '@');
  url_text(&id, v.product_version);
  v.product = buf_str(&id);
  v.line = lines.p;
  v.n = lines.n;
  return vex_write(cx, &v, format, out);
}

/* ---- in ------------------------------------------------------------------------------------------------ */

enum { PROPOSALS_MAX = 500, UNMATCHED_KEPT = 200 };

/* What is in the inventory, by name without version. */
typedef struct Stock {
  VEC(Package) package;
  Map at;
  VEC(size_t) next;
} Stock;

static Str stock_key(Cx *cx, Str purl, Str name) {
  Cx probe = { .arena = cx->arena };
  Purl p;
  if (purl.n && purl_read(&probe, purl, &p) == E_OK)
    return str_fmt(cx->arena, "%.*s/%.*s/%.*s", STR(p.type), STR(p.ns), STR(p.name));
  return str_lower(cx->arena, name);
}

static Err stock_load(Cx *cx, Store *s, Stock *out) {
  out->at = map_new(cx->arena, 1024);
  for (int64_t after = 0;;) {
    Packages batch = { 0 };
    TRY(supply_packages(cx, s, after, 1000, &batch));
    for (size_t i = 0; i < batch.n; i++) {
      Str key = stock_key(cx, batch.p[i].purl, batch.p[i].name);
      vec_add(cx->arena, &out->next, map_get(&out->at, key));
      map_put(&out->at, key, out->package.n);
      vec_add(cx->arena, &out->package, batch.p[i]);
    }
    if (batch.n < 1000) return E_OK;
    after = batch.p[batch.n - 1].id;
  }
}

static void no_match(Cx *cx, VexImport *out, const VexStatement *st, const VexProduct *p, const char *why) {
  if (out->unmatched_count++ >= UNMATCHED_KEPT) return;
  vec_add(cx->arena, &out->unmatched,
          (VexUnmatched){ st->vuln,
                          p->purl.n   ? p->purl
                          : p->name.n ? p->name
                                      : p->id,
                          str_of(why) });
}

/* Findings about one of these ids in a product that holds the package. */
static Nodes findings_of(Cx *cx, const Graph *g, const Nodes *all, const VerdictRow *v, const PackageUses *uses) {
  Nodes list = { 0 };
  for (size_t i = 0; i < all->n; i++) {
    bool holds = false;
    if (!str_eq_nocase(text_of(g, all->p[i], "vulnerability"), v->vuln)) continue;
    for (size_t k = 0; k < uses->n && !holds; k++) {
      Node product = graph_find(g, uses->p[k].product);
      holds = product != NODE_NONE && node_in_product(g, all->p[i], product);
    }
    if (holds) vec_add(cx->arena, &list, all->p[i]);
  }
  return list;
}

static bool proposed_already(const Graph *g, const Decisions *all, const VexStatement *st, Str package, Str vuln,
                             Str source) {
  for (size_t i = 0; i < all->n; i++)
    if (str_eq(all->p[i].vuln, vuln) && str_eq(all->p[i].package, package) && str_eq(all->p[i].status, st->status) &&
        str_eq(text_of(g, all->p[i].node, "source"), source))
      return true;
  return false;
}

static void put_field(JsonOut *o, const char *key, Str value) {
  if (value.n) json_pair(o, key, value);
}

static Str proposal_args(Cx *cx, const Graph *g, const VexStatement *st, const VerdictRow *v, Str source,
                         const Nodes *about) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  bool affected = str_eq(st->status, S("affected"));
  json_object(&o);
  json_pair(&o, "type", S("vex_statement"));
  json_key(&o, "input");
  json_object(&o);
  json_pair(&o, "title",
            str_fmt(cx->arena, "%.*s: %.*s, says %.*s", STR(v->vuln), STR(choice_words(cx->arena, st->status)),
                    STR(str_head(source, 80))));
  json_pair(&o, "vulnerability", v->vuln);
  json_pair(&o, "package", v->purl.n ? v->purl : str_fmt(cx->arena, "%.*s %.*s", STR(v->name), STR(v->version)));
  json_pair(&o, "status", st->status);
  json_pair(&o, "scope", S("product"));
  if (str_eq(st->status, S("not_affected"))) put_field(&o, "justification", st->justification);
  Str impact = st->impact.n                        ? st->impact
               : !st->justification.n && !affected ? S("The source gives no reason.")
                                                   : STR_NONE;
  put_field(&o, "impact", str_head(impact, 4000));
  if (affected) json_pair(&o, "action", st->action.n ? str_head(st->action, 4000) : S("The source names no action."));
  json_pair(&o, "source", source);
  json_key(&o, "products");
  json_array(&o);
  Map seen = map_new(cx->arena, 8);
  for (size_t i = 0; i < about->n; i++) {
    Query *q;
    Nodes products = { 0 };
    if (query_compile(cx, S("type:product"), &(QueryScope){ .now_us = cx->now_us }, &q) != E_OK ||
        query_run(cx, g, q, &products) != E_OK)
      break;
    for (size_t k = 0; k < products.n; k++) {
      Str id = node_id(g, products.p[k]);
      if (!node_in_product(g, about->p[i], products.p[k]) || map_get(&seen, id) != MAP_NONE) continue;
      map_put(&seen, id, 1);
      json_put_str(&o, id);
    }
  }
  json_array_end(&o);
  json_key(&o, "about");
  json_array(&o);
  for (size_t i = 0; i < about->n; i++) json_put_str(&o, node_id(g, about->p[i]));
  json_array_end(&o);
  json_object_end(&o);
  json_object_end(&o);
  return buf_str(&b);
}

typedef struct Import {
  Store *s;
  const Graph *g;
  Stock stock;
  Decisions decisions;
  Nodes findings;
  Str source;
  VEC(Ask) asks;
  Map asked, vuln_at;
  VulnIds vulns;
  const Ask *who;
  VexImport *out;
} Import;

/* Documents name the same few vulnerabilities over and over. */
static Str vuln_id(Cx *cx, Import *m, Str id) {
  const Snapshot *snap;
  VulnAbout a = { .id = id };
  Cx probe = { .arena = cx->arena };
  size_t at = map_get(&m->vuln_at, id);
  if (at != MAP_NONE) return m->vulns.p[at];
  if (triage_snapshot(&probe, m->s, &snap) != E_OK || vuln_about(&probe, snap, id, &a) != E_OK) a.id = id;
  map_put(&m->vuln_at, id, m->vulns.n);
  vec_add(cx->arena, &m->vulns, a.id);
  return a.id;
}

static Err propose(Cx *cx, Import *m, const VexStatement *st, const Package *p, const VerdictRow *v) {
  PackageUses uses = { 0 };
  Str package = v->purl.n ? v->purl : str_fmt(cx->arena, "%.*s %.*s", STR(v->name), STR(v->version));
  Str key = str_fmt(cx->arena, "%.*s|%.*s|%.*s", STR(v->vuln), STR(package), STR(st->status));
  m->out->matched++;
  if (map_get(&m->asked, key) != MAP_NONE) return E_OK;
  map_put(&m->asked, key, 1);
  if (proposed_already(m->g, &m->decisions, st, package, v->vuln, m->source)) {
    m->out->already++;
    return E_OK;
  }
  if (m->asks.n == PROPOSALS_MAX)
    return fail(cx, E_TOO_LARGE, "More than %d proposals. Nothing was stored", PROPOSALS_MAX);
  TRY(supply_package_uses(cx, m->s, p->id, true, &uses));
  Nodes about = findings_of(cx, m->g, &m->findings, v, &uses);
  vec_add(cx->arena, &m->asks,
          (Ask){ .command = S("record.new"),
                 .actor = m->who->actor,
                 .auth = m->who->auth,
                 .source = m->who->source,
                 .request = random_hex(cx->arena, 8),
                 .reason = str_fmt(cx->arena, "Proposed by %.*s", STR(m->source)),
                 .args_json = proposal_args(cx, m->g, st, v, m->source, &about) });
  return E_OK;
}

static Err match_product(Cx *cx, Import *m, const VexStatement *st, const VexProduct *p) {
  Str vuln = STR_NONE, words = p->purl.n ? p->purl : p->name;
  bool held = false, known = false;
  for (size_t at = map_get(&m->stock.at, stock_key(cx, p->purl, p->name)); at != MAP_NONE; at = m->stock.next.p[at]) {
    const Package *have = &m->stock.package.p[at];
    VerdictRows rows = { 0 };
    if (!package_matches(cx, words, have->purl, have->name, have->version)) continue;
    if (!vex_product_is(cx, p, have->version)) continue;
    if (p->version.n && !p->purl.n && !str_eq(p->version, have->version)) continue;
    held = true;
    if (!vuln.n) vuln = vuln_id(cx, m, st->vuln);
    TRY(vuln_verdicts(cx, m->s, &(VerdictQuery){ .vuln = vuln, .inactive_too = true, .limit = 1000 }, &rows));
    for (size_t i = 0; i < rows.n; i++) {
      if (rows.p[i].pkgver != have->id) continue;
      known = true;
      TRY(propose(cx, m, st, have, &rows.p[i]));
    }
  }
  if (!held) no_match(cx, m->out, st, p, "no component of any SBOM is this package");
  else if (!known)
    no_match(cx, m->out, st, p, "the component is here, but nothing speaks of this vulnerability in it");
  return E_OK;
}

static Err import_all(Cx *cx, Import *m, const VexDoc *d) {
  TRY(stock_load(cx, m->s, &m->stock));
  TRY(decisions_load(cx, m->g, &m->decisions));
  Query *q;
  TRY(query_compile(cx, S("type:finding -state:voided vulnerability:*"), &(QueryScope){ .now_us = cx->now_us }, &q));
  TRY(query_run(cx, m->g, q, &m->findings));
  for (size_t i = 0; i < d->statement.n; i++) {
    const VexStatement *st = &d->statement.p[i];
    const VexProducts *list = st->part.n ? &st->part : &st->whole;
    for (size_t k = 0; k < list->n; k++) TRY(match_product(cx, m, st, &list->p[k]));
  }
  return E_OK;
}

Err vex_import(Cx *cx, Writer *w, Store *s, const Graph *g, Str bytes, Str file, const Ask *who, bool dry,
               VexImport *out) {
  VexDoc d;
  VexImport r = { 0 };
  TRY(vex_read(cx, bytes, &d));
  Str author = d.author.n ? d.author : S("an unnamed author");
  Import m = {
    .s = s, .g = g, .who = who, .out = &r, .asked = map_new(cx->arena, 256), .vuln_at = map_new(cx->arena, 256)
  };
  m.source = str_head(str_fmt(cx->arena, "%.*s, %.*s %.*s (%.*s)", STR(author), STR(d.format),
                              STR(d.id.n ? d.id : file), STR(d.time)),
                      380);
  r.format = d.format;
  r.spec = d.spec;
  r.source = m.source;
  r.statements = (int64_t)d.statement.n;
  r.left_out = d.left_out;
  r.problem = d.problem.p;
  r.nproblems = d.problem.n;
  TRY(import_all(cx, &m, &d));
  r.proposals = (int64_t)m.asks.n;
  if (m.asks.n && !dry) {
    Answer *answers = NEW_ARRAY(cx->arena, m.asks.n, Answer);
    TRY(writer_ask(cx, w, m.asks.p, m.asks.n, answers));
    for (size_t i = 0; i < m.asks.n; i++) {
      JVal *result;
      TRY(answer_result(cx, &answers[i]));
      TRY(json_read(cx, answers[i].result_json, &JSON_BODY, &result));
      vec_add(cx->arena, &r.ids, json_text(result, "id"));
    }
  }
  *out = r;
  return E_OK;
}
