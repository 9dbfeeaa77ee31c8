/* feed_cve.c - records of the CVE list, format 5: what the assigning authority and those who enrich it say of
 * versions.
 *
 * Affected entries count by package URL, by registry and package name, and by CPE.  An entry that has but the names of
 * a vendor and a product makes a candidate: a component of that name is told, and a person says whether it is that. */
#include "vuln/feed.h"

typedef struct Reader {
  Cx *cx;
  Feed *f;
  FeedAdv *adv;
  Str file;
} Reader;

static SpanStatus status_of(Str s) {
  return str_eq(s, S("affected")) ? SPAN_AFFECTED : str_eq(s, S("unaffected")) ? SPAN_UNAFFECTED : SPAN_UNKNOWN;
}

static bool is_placeholder(Str v) {
  static const char *const words[] = { "n/a", "unspecified", "-", "unknown", "all", "any" };
  for (size_t i = 0; i < COUNT(words); i++)
    if (str_eq_nocase(v, str_of(words[i]))) return true;
  return !v.n;
}

/* "2.*" reaches up to 3: the text above all versions that begin so. */
static bool star_end(Feed *f, Str v, Str *out) {
  uint64_t last;
  if (!str_ends(v, S(".*"))) return false;
  Str base = str_slice(v, 0, v.n - 2);
  size_t dot = str_rfind_char(base, '.');
  Str head = str_slice(base, 0, dot == SIZE_MAX ? 0 : dot + 1);
  if (!str_uint(str_slice(base, head.n, base.n), &last) || last == UINT64_MAX) return false;
  *out = str_fmt(f->arena, "%.*s%llu", STR(head), (unsigned long long)(last + 1));
  return true;
}

/* A range with changes is the same range cut at each of them; the last that is reached stands first. */
static void put_range(const Reader *r, SpanList *list, JVal *entry, Span range) {
  size_t first = list->n;
  JSON_EACH(change, json_get(entry, "changes")) {
    Span s = range;
    s.lo = json_text(change, "at");
    s.lo_excluded = false;
    s.status = status_of(json_text(change, "status"));
    if (!s.lo.n) continue;
    vec_add(r->f->arena, list, s);
    for (size_t i = list->n - 1; i > first && version_compare(SCHEME_GENERIC, list->p[i - 1].lo, s.lo) == '<'; i--) {
      list->p[i] = list->p[i - 1];
      list->p[i - 1] = s;
    }
  }
  vec_add(r->f->arena, list, range);
}

static void put_version(const Reader *r, SpanList *list, JVal *entry) {
  Str version = json_text(entry, "version"), below = json_text(entry, "lessThan"),
      upto = json_text(entry, "lessThanOrEqual"), end;
  Span s = { .lo = version, .status = status_of(json_text(entry, "status")) };
  bool ranged = below.n || upto.n;
  if (!ranged && is_placeholder(version)) {
    vec_add(r->f->arena, list, (Span){ .status = SPAN_UNKNOWN });
    return;
  }
  if (!ranged && str_eq(version, S("*"))) {
    vec_add(r->f->arena, list, (Span){ .status = s.status });
    return;
  }
  if (!ranged && star_end(r->f, version, &end)) {
    vec_add(r->f->arena, list, (Span){ .lo = str_slice(version, 0, version.n - 2), .hi = end, .status = s.status });
    return;
  }
  if (!ranged) {
    s.hi = version;
    s.hi_included = true;
    vec_add(r->f->arena, list, s);
    return;
  }
  if (is_placeholder(version) || str_eq(version, S("0")) || str_eq(version, S("*"))) s.lo = STR_NONE;
  s.hi = below.n ? below : upto;
  s.hi_included = !below.n;
  if (str_eq(s.hi, S("*"))) s.hi = STR_NONE;
  else if (star_end(r->f, s.hi, &end)) {
    s.hi = end;
    s.hi_included = false;
  }
  put_range(r, list, entry, s);
}

static bool statements(const Reader *r, JVal *affected, SpanList *list) {
  bool git = false;
  JSON_EACH(v, json_get(affected, "versions")) {
    if (str_eq(json_text(v, "versionType"), S("git"))) git = true;
    else put_version(r, list, v);
  }
  if (git) feed_skip(r->f, r->file, "versions of a CVE record that are commits", 1);
  return !git || list->n;
}

static Str registry_of(Str url) {
  static const struct {
    const char *host, *base;
  } hosts[] = {
    { "npmjs", "npm" },
    { "pypi.", "PyPI" },
    { "maven", "Maven" },
    { "rubygems.org", "RubyGems" },
    { "crates.io", "crates.io" },
    { "pkg.go.dev", "Go" },
    { "proxy.golang.org", "Go" },
    { "nuget.org", "NuGet" },
    { "packagist.org", "Packagist" },
    { "hex.pm", "Hex" },
    { "pub.dev", "Pub" },
    { "hackage", "Hackage" },
    { "cran.r-project", "CRAN" },
  };
  for (size_t i = 0; i < COUNT(hosts); i++)
    if (str_find(url, str_of(hosts[i].host)) != SIZE_MAX) return str_of(hosts[i].base);
  return STR_NONE;
}

/* By package URL, else by registry and name. */
static bool package_of(const Reader *r, JVal *affected, FeedRow *out) {
  Purl p;
  Str url = json_text(affected, "packageURL"), name = json_text(affected, "packageName");
  if (url.n && purl_read(r->cx, url, &p) == E_OK) {
    Identity id = purl_identity(r->f->arena, &p, STR_NONE, STR_NONE);
    *out = (FeedRow){ .base = id.base,
                      .release = str_dup(r->f->arena, id.release),
                      .name = str_dup(r->f->arena, id.name),
                      .scheme = id.scheme };
    return id.base.n > 0 && !id.rebuilt.n;
  }
  cx_forgive(r->cx);
  Str base = registry_of(json_text(affected, "collectionURL"));
  if (!base.n || !name.n) return false;
  *out = (FeedRow){ .base = base, .scheme = ecosystem_of(r->f->arena, base).scheme };
  out->name = ecosystem_name(r->f->arena, base, str_dup(r->f->arena, name));
  return true;
}

static bool put_name(const Reader *r, JVal *affected, const SpanList *spans) {
  FeedLeaf l;
  Str product = json_text(affected, "product"), vendor = json_text(affected, "vendor");
  if (is_placeholder(product)) product = json_text(affected, "packageName");
  if (is_placeholder(vendor)) vendor = S("");
  if (is_placeholder(product) || !leaf_of_name(r->f, vendor, product, &l)) return false;
  span_programs(r->f, r->adv, spans, &l);
  return true;
}

static void put_affected(const Reader *r, JVal *affected) {
  SpanList list = { 0 }, spans = { 0 };
  SpanStatus otherwise = status_of(json_text(affected, "defaultStatus"));
  FeedRow row;
  bool used = false;
  if (!statements(r, affected, &list)) return;
  if (package_of(r, affected, &row)) {
    used = true;
    span_resolve(r->f, &list, otherwise, row.scheme, &spans);
    span_rows(r->f, r->adv, &spans, &row);
  }
  spans = (SpanList){ 0 };
  span_resolve(r->f, &list, otherwise, SCHEME_GENERIC, &spans);
  JSON_EACH(text, json_get(affected, "cpes")) {
    Cpe c;
    FeedLeaf l;
    if (cpe_read(r->cx, json_str(text), &c) != E_OK || !leaf_of_cpe(r->f, &c, TELL_VULNERABLE, &l)) {
      cx_forgive(r->cx);
      feed_skip(r->f, r->file, "a CPE of a CVE record that cannot be read or names no product", 1);
      continue;
    }
    used = true;
    span_programs(r->f, r->adv, &spans, &l);
  }
  if (!used) used = put_name(r, affected, &spans);
  if (!used) feed_skip(r->f, r->file, "an affected entry of a CVE record that names no product", 1);
}

/* Exploitation, automatable, technical impact: each 1 more than its place in the list; 0 when not told. */
static void take_ssvc(FeedAdv *a, JVal *content) {
  static const struct {
    const char *point, *values[3];
  } points[] = { { "Exploitation", { "none", "poc", "active" } },
                 { "Automatable", { "no", "yes", NULL } },
                 { "Technical Impact", { "partial", "total", NULL } } };
  JSON_EACH(option, json_get(content, "options"))
  for (unsigned i = 0; i < COUNT(points); i++)
    for (unsigned k = 0; k < 3; k++)
      if (points[i].values[k] && str_eq_nocase(json_text(option, points[i].point), str_of(points[i].values[k])))
        a->ssvc = (a->ssvc & ~(15u << 4 * i)) | (k + 1) << 4 * i;
}

static void take_metrics(const Reader *r, JVal *container) {
  JSON_EACH(metric, json_get(container, "metrics")) {
    JVal *other = json_get(metric, "other"), *content = json_get(other, "content");
    JSON_MEMBERS(key, value, metric)
    if (str_starts(json_str(key), S("cvssV"))) feed_severity(r->cx, r->f, r->adv, json_text(value, "vectorString"));
    if (str_eq(json_text(other, "type"), S("ssvc"))) take_ssvc(r->adv, content);
    if (str_eq(json_text(other, "type"), S("kev"))) {
      r->adv->kev = true;
      r->adv->kev_added = str_dup(r->f->arena, json_text(content, "dateAdded"));
    }
  }
}

void feed_cve(Cx *cx, Feed *f, Str file, JVal *record) {
  JVal *meta = json_get(record, "cveMetadata"), *containers = json_get(record, "containers"),
       *cna = json_get(containers, "cna");
  Str modified = json_text(meta, "dateUpdated");
  if (!cve_number(json_text(meta, "cveId"))) {
    feed_skip(f, file, "a CVE record without an id", 1);
    return;
  }
  if (!modified.n) modified = json_text(json_get(cna, "providerMetadata"), "dateUpdated");
  FeedAdv a = feed_adv(f, ORIGIN_CVE, json_text(meta, "cveId"), modified);
  const Reader r = { cx, f, &a, file };
  a.withdrawn = str_eq(json_text(meta, "state"), S("REJECTED"));
  take_metrics(&r, cna);
  JSON_EACH(adp, json_get(containers, "adp")) take_metrics(&r, adp);
  if (!a.withdrawn) {
    JSON_EACH(affected, json_get(cna, "affected")) put_affected(&r, affected);
    JSON_EACH(adp, json_get(containers, "adp"))
    JSON_EACH(affected, json_get(adp, "affected")) put_affected(&r, affected);
  }
  feed_adv_done(f, file, &a);
}
