/* feed_debian.c - Debian's security tracker: what each release says of a source package, also where nothing is fixed.
 *
 * A back-ported fix counts by the version that carries it; "resolved" at version 0 says that the package never was
 * affected there, which stands against what upstream's or NVD's data say of the same package. */
#include "vuln/feed.h"

bool debian_looks_right(JVal *root) {
  JSON_MEMBERS(package, entries, root)
  JSON_MEMBERS(id, entry, entries) {
    Str name = json_str(id);
    return (cve_number(name) || str_starts(name, S("TEMP-"))) && json_get(entry, "releases") && json_str(package).n;
  }
  return false;
}

static void put_release(Feed *f, FeedAdv *a, Str file, Str package, Str code_name, JVal *state) {
  Str status = json_text(state, "status"), fixed = json_text(state, "fixed_version");
  bool resolved = str_eq(status, S("resolved")), never = resolved && str_eq(fixed, S("0"));
  Ecosystem e = ecosystem_of(f->arena, str_fmt(f->arena, "Debian:%.*s", STR(code_name)));
  FeedRow like = { .base = e.base, .release = e.release, .scheme = e.scheme };
  like.name = ecosystem_name(f->arena, e.base, str_dup(f->arena, package));
  SpanList spans = { 0 };
  Span s = { .status = SPAN_AFFECTED };
  if (resolved && !never) s.hi = fixed;
  if (!resolved && !str_eq(status, S("open"))) s.status = SPAN_UNKNOWN;
  if (resolved && !fixed.n) {
    feed_skip(f, file, "a release of Debian's tracker that is resolved without a version", 1);
    return;
  }
  size_t first = a->rows.n;
  vec_add(f->arena, &spans, s);
  span_rows(f, a, &spans, &like);
  for (size_t i = first; i < a->rows.n && never; i++) a->rows.p[i].flags |= ROW_SAFE;
}

void feed_debian(Feed *f, Str file, JVal *root) {
  JSON_MEMBERS(package, entries, root)
  JSON_MEMBERS(id, entry, entries) {
    Str cve = json_str(id);
    if (!cve_number(cve)) {
      feed_skip(f, file, "an entry of Debian's tracker that has no CVE id yet", 1);
      continue;
    }
    FeedAdv a =
        feed_adv(f, ORIGIN_OSV, str_fmt(f->arena, "DEBIAN-%.*s/%.*s", STR(cve), STR(json_str(package))), STR_NONE);
    a.about = str_dup(f->arena, cve);
    JSON_MEMBERS(release, state, json_get(entry, "releases"))
    put_release(f, &a, file, json_str(package), json_str(release), state);
    feed_adv_done(f, file, &a);
  }
}
