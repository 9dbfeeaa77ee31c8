/* feed_nvd.c - records of the National Vulnerability Database, format 2.0.
 *
 * configurations are alternatives; so are the nodes of one that has no operator.  Each alternative becomes a program
 * of its own, so that what speaks of another product does not speak of this one. */
#include "vuln/feed.h"

enum { NODE_DEPTH_MOST = 8, NVD_RECORD_BYTES = 64u << 20 };
typedef struct Reader {
  Cx *cx;
  Feed *f;
  FeedAdv *adv;
  Str file, criteria; /* the last name that was read; neighbours often differ in their bounds only */
  FeedLeaf leaf;
} Reader;

static LeafBound bound_of(JVal *match, const char *including, const char *excluding) {
  Str in = json_text(match, including);
  return in.n ? (LeafBound){ in, true } : (LeafBound){ json_text(match, excluding), false };
}

static bool read_criteria(Reader *r, Str criteria) {
  Cpe c;
  if (criteria.n && str_eq(criteria, r->criteria)) return true;
  r->criteria = STR_NONE;
  if (cpe_read(r->cx, criteria, &c) != E_OK || !leaf_of_cpe(r->f, &c, TELL_PLATFORM, &r->leaf)) return false;
  r->criteria = criteria;
  return true;
}

static void put_match(Reader *r, JVal *match) {
  bool vulnerable = json_bool(match, "vulnerable", true);
  if (!read_criteria(r, json_text(match, "criteria"))) {
    cx_forgive(r->cx);
    feed_skip(r->f, r->file, "a CPE criterion that cannot be read or names no product", 1);
    prog_op(r->f, r->adv, OP_UNKNOWN);
  } else {
    LeafBound lo = bound_of(match, "versionStartIncluding", "versionStartExcluding"),
              hi = bound_of(match, "versionEndIncluding", "versionEndExcluding");
    FeedLeaf l = r->leaf;
    l.flags |= (uint32_t)(vulnerable ? TELL_VULNERABLE : TELL_PLATFORM);
    if (lo.text.n || hi.text.n) leaf_range(r->f, &l, lo, hi);
    prog_leaf(r->f, r->adv, &l);
  }
}

static void put_node(Reader *r, JVal *node, unsigned depth) {
  static const char *const lists[] = { "nodes", "children" };
  uint32_t op = str_eq(json_text(node, "operator"), S("AND")) ? OP_AND : OP_OR;
  size_t n = 0;
  if (depth == NODE_DEPTH_MOST) {
    feed_skip(r->f, r->file, "a configuration deeper than eight levels", 1);
    prog_op(r->f, r->adv, OP_UNKNOWN);
    return;
  }
  JSON_EACH(match, json_get(node, "cpeMatch")) {
    put_match(r, match);
    if (n++) prog_op(r->f, r->adv, op);
  }
  for (size_t i = 0; i < COUNT(lists); i++) {
    JSON_EACH(child, json_get(node, lists[i])) {
      put_node(r, child, depth + 1);
      if (n++) prog_op(r->f, r->adv, op);
    }
  }
  if (!n) prog_op(r->f, r->adv, OP_UNKNOWN);
  else if (json_bool(node, "negate", false)) prog_op(r->f, r->adv, OP_NOT);
}

static void put_configuration(Reader *r, JVal *config) {
  bool whole = str_eq(json_text(config, "operator"), S("AND")) || json_bool(config, "negate", false);
  uint32_t first = (uint32_t)r->adv->ops.n;
  if (whole) {
    put_node(r, config, 0);
    prog_end(r->f, r->adv, first, 0);
    return;
  }
  JSON_EACH(node, json_get(config, "nodes")) {
    first = (uint32_t)r->adv->ops.n;
    put_node(r, node, 1);
    prog_end(r->f, r->adv, first, 0);
  }
}

void feed_nvd(Cx *cx, Feed *f, Str file, JVal *cve, Str id, Str modified, bool correction) {
  FeedAdv a = feed_adv(f, ORIGIN_NVD, id, modified);
  if (correction) a.about = a.id;
  Reader r = { .cx = cx, .f = f, .adv = &a, .file = file };
  a.withdrawn = str_eq_nocase(json_text(cve, "vulnStatus"), S("Rejected"));
  JSON_MEMBERS(kind, list, json_get(cve, "metrics")) {
    (void)kind;
    JSON_EACH(one, list) feed_severity(cx, f, &a, json_text(json_get(one, "cvssData"), "vectorString"));
  }
  if (!a.withdrawn) JSON_EACH(config, json_get(cve, "configurations")) put_configuration(&r, config);
  feed_adv_done(f, file, &a);
}

/* A page that says more than it holds was cut. */
void feed_nvd_page(Feed *f, Str file, JVal *page) {
  int64_t said = json_int(page, "resultsPerPage", 0), n = 0;
  AUTO(Cx) mine = cx_new(NVD_RECORD_BYTES); /* of one record: small, so that clearing it costs nothing */
  JSON_EACH(one, json_get(page, "vulnerabilities")) {
    JVal *cve = json_get(one, "cve");
    n++;
    if (cve_number(json_text(cve, "id")))
      feed_nvd(&mine, f, file, cve, json_text(cve, "id"), json_text(cve, "lastModified"), false);
    else feed_skip(f, file, "an NVD record without a CVE id", 1);
    cx_reset(&mine);
    feed_next(f);
  }
  if (n < said) feed_skip(f, file, "records that an NVD page promises and does not hold", said - n);
}
