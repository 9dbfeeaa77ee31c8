/* feed_csaf.c - vendors' advisories in CSAF 2: products by package URL and CPE exactly, by name as candidates. */
#include "vuln/csaf.h"

typedef struct Reader {
  Cx *cx;
  Feed *f;
  FeedAdv *adv;
  Str file;
  const CsafTree *tree;
} Reader;
typedef enum Said { SAID_AFFECTED, SAID_SAFE, SAID_UNKNOWN } Said;

/* What the document says about the versions of one product; SAID_SAFE gives spans of safe versions. */
static void spans_of(const Reader *r, const CsafProduct *p, Str exact, Said said, Scheme scheme, SpanList *out) {
  SpanList list = { 0 };
  Str range = p->range.n ? p->range : exact.n ? STR_NONE : p->version;
  if (!p->range.n && exact.n) vec_add(r->f->arena, &list, (Span){ exact, exact, false, true, SPAN_AFFECTED });
  else if (!range.n) vec_add(r->f->arena, &list, (Span){ .status = SPAN_AFFECTED });
  else if (!csaf_range(r->cx, r->f, range, &list)) {
    feed_skip(r->f, r->file, "a range of versions in words, kept as a candidate", 1);
    vec_add(r->f->arena, &list, (Span){ .status = SPAN_UNKNOWN });
  }
  span_resolve(r->f, &list, SPAN_UNAFFECTED, scheme, out);
  if (said == SAID_UNKNOWN)
    for (size_t i = 0; i < out->n; i++) out->p[i].status = SPAN_UNKNOWN;
}

static bool put_purl(const Reader *r, const CsafProduct *p, Str text, Said said) {
  Purl purl;
  SpanList spans = { 0 };
  if (purl_read(r->cx, text, &purl) != E_OK) {
    cx_forgive(r->cx);
    feed_skip(r->f, r->file, "a package URL of a CSAF document that cannot be read", 1);
    return false;
  }
  Identity id = purl_identity(r->f->arena, &purl, STR_NONE, STR_NONE);
  if (!id.base.n || id.rebuilt.n) return false;           /* what is said of a rebuild is not said of its origin */
  FeedRow row = { .base = id.base,
                  .release = str_dup(r->f->arena, id.release),
                  .stream = str_dup(r->f->arena, id.stream),
                  .name = str_dup(r->f->arena, id.name),
                  .scheme = id.scheme };
  size_t first = r->adv->rows.n;
  spans_of(r, p, id.version, said, id.scheme, &spans);
  if (!spans.n) return true;
  span_rows(r->f, r->adv, &spans, &row);
  for (size_t i = first; i < r->adv->rows.n && said == SAID_SAFE; i++) r->adv->rows.p[i].flags |= ROW_SAFE;
  return true;
}

/* The leaf of a product: by CPE, else by its name. */
static bool product_leaf(const Reader *r, const CsafProduct *p, Tell tell, FeedLeaf *out) {
  Cpe c;
  if (p->cpe.n) {
    if (cpe_read(r->cx, p->cpe, &c) == E_OK && leaf_of_cpe(r->f, &c, tell, out)) return true;
    cx_forgive(r->cx);
    feed_skip(r->f, r->file, "a CPE of a CSAF document that cannot be read or names no product", 1);
  }
  if (!leaf_of_name(r->f, p->vendor, p->name, out)) return false;
  out->flags = (uint32_t)tell;
  return true;
}

static void put_program(const Reader *r, const CsafProduct *p, Said said) {
  FeedLeaf l, platform;
  SpanList spans = { 0 };
  FeedAdv *a = r->adv;
  const CsafProduct *on = csaf_product(r->tree, p->platform);
  if (!product_leaf(r, p, TELL_VULNERABLE, &l)) {
    feed_skip(r->f, r->file, "a product of a CSAF document without a name", 1);
    return;
  }
  if (said == SAID_SAFE && str_eq(l.part, S("n"))) return; /* the same name is no proof of safety */
  spans_of(r, p, cpe_is_literal(l.version) ? cpe_plain(r->f->arena, l.version) : STR_NONE, said, SCHEME_GENERIC,
           &spans);
  if (!spans.n) return;
  span_programs(r->f, a, &spans, &l);
  FeedProg *prog = &a->progs.p[a->progs.n - 1];
  if (on && product_leaf(r, on, TELL_PLATFORM, &platform)) {
    prog_leaf(r->f, a, &platform);
    prog_op(r->f, a, OP_AND);
    prog->ops += 2;
  }
  if (said == SAID_SAFE) prog->flags |= PROG_NEGATIVE;
}

static void put_product(const Reader *r, Str id, Said said) {
  const CsafProduct *p = csaf_product(r->tree, id);
  bool by_purl = false;
  if (!p) {
    feed_skip(r->f, r->file, "a product id that a CSAF document does not define", 1);
    return;
  }
  if (json_str(p->purls).n) by_purl = put_purl(r, p, json_str(p->purls), said);
  else JSON_EACH(purl, p->purls) by_purl |= put_purl(r, p, json_str(purl), said);
  if (p->cpe.n || !by_purl) put_program(r, p, said);
}

static void put_status(const Reader *r, JVal *vulnerability) {
  static const struct {
    const char *group;
    Said said;
  } groups[] = {
    { "known_affected", SAID_AFFECTED },
    { "first_affected", SAID_AFFECTED },
    { "last_affected", SAID_AFFECTED },
    { "fixed", SAID_SAFE },
    { "first_fixed", SAID_SAFE },
    { "known_not_affected", SAID_SAFE },
    { "under_investigation", SAID_UNKNOWN },
    { "unknown", SAID_UNKNOWN },
  };
  JVal *status = json_get(vulnerability, "product_status");
  for (size_t i = 0; i < COUNT(groups); i++)
    JSON_EACH(id, json_get(status, groups[i].group)) put_product(r, json_str(id), groups[i].said);
}

static void take_scores(const Reader *r, JVal *vulnerability) {
  static const char *const kinds[] = { "cvss_v2", "cvss_v3", "cvss_v4" };
  for (size_t k = 0; k < COUNT(kinds); k++) {
    JSON_EACH(score, json_get(vulnerability, "scores"))
    feed_severity(r->cx, r->f, r->adv, json_text(json_get(score, kinds[k]), "vectorString"));
    JSON_EACH(metric, json_get(vulnerability, "metrics"))
    feed_severity(r->cx, r->f, r->adv, json_text(json_get(json_get(metric, "content"), kinds[k]), "vectorString"));
  }
}

/* One advisory per vulnerability: each has products of its own. */
void feed_csaf(Cx *cx, Feed *f, Str file, JVal *document) {
  JVal *tracking = json_get(json_get(document, "document"), "tracking");
  Str id = json_text(tracking, "id");
  CsafTree tree;
  size_t n = 0;
  if (!id.n) {
    feed_skip(f, file, "a CSAF document without an id", 1);
    return;
  }
  csaf_tree(cx, f, file, document, &tree);
  JSON_EACH(vulnerability, json_get(document, "vulnerabilities")) {
    FeedAdv a = feed_adv(f, ORIGIN_CSAF, id, json_text(tracking, "current_release_date"));
    Str cve = json_text(vulnerability, "cve");
    const Reader r = { cx, f, &a, file, &tree };
    n++;
    a.about = cve_number(cve) ? str_dup(f->arena, cve) : str_fmt(f->arena, "%.*s/%zu", STR(id), n);
    take_scores(&r, vulnerability);
    put_status(&r, vulnerability);
    feed_adv_done(f, file, &a);
  }
  if (!n) feed_skip(f, file, "a CSAF document without vulnerabilities", 1);
}
