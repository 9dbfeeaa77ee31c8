/* look.c - what every component should have, whichever format it came in; and what matching needs to know of it. */
#include "supply/inside.h"

/* The system that distribution packages without a distro qualifier belong to: "debian-12", when there is just one. */
static Str system_of(Reading *r) {
  Str found = STR_NONE;
  for (size_t i = 0; i < r->s->component.n; i++) {
    const SbomComponent *c = &r->s->component.p[i];
    if (!str_eq(c->type, S("operating-system")) || !c->name.n) continue;
    if (found.n) return STR_NONE;
    Arena *a = r->cx->arena;
    Str name = str_lower(a, c->name);
    found = c->version.n ? str_fmt(a, "%.*s-%.*s", STR(name), STR(c->version)) : name;
  }
  return found;
}

static bool is_distribution(Str type) {
  return str_eq_nocase(type, S("deb")) || str_eq_nocase(type, S("rpm")) || str_eq_nocase(type, S("apk"));
}

static void identifiers_look(Reading *r, uint32_t i, Str system) {
  SbomComponent *c = &r->s->component.p[i];
  PurlParts p;
  bool spdx = r->s->format == SBOM_SPDX;
  if (c->cpe.n && !cpe_looks_right(c->cpe))
    component_warn(r, i, spdx ? "/externalRefs" : "/cpe", "this does not read as a CPE: %.*s",
                   STR(str_head(c->cpe, 100)));
  if (!c->purl.n) return;
  if (!purl_parts(c->purl, &p)) {
    component_warn(r, i, spdx ? "/externalRefs" : "/purl", "this does not read as a package URL: %.*s",
                   STR(str_head(c->purl, 100)));
    return;
  }
  Str upstream = parts_qualifier(r->cx, &p, S("upstream"));
  c->distro = parts_qualifier(r->cx, &p, S("distro"));
  if (upstream.n) c->upstream = upstream;
  if (!c->distro.n && is_distribution(p.type)) c->distro = system;
}

/* A date as a date, whatever time follows it; other words ("Open source") stand as they are, with a warning. */
static void support_look(Reading *r, uint32_t i) {
  SbomComponent *c = &r->s->component.p[i];
  int32_t days;
  if (!c->support_end.n) return;
  Str date = str_slice(c->support_end, 0, 10);
  bool ends = c->support_end.n == 10 || c->support_end.p[10] == 'T' || c->support_end.p[10] == ' ';
  if (date_parse(date, &days) && ends) c->support_end = date;
  else
    component_warn(r, i, "", "the end of support is not a date (YYYY-MM-DD): %.*s",
                   STR(str_head(c->support_end, 60)));
}

/* Advisories of a distribution are about source packages.  A producer that names them leaves out those of the same
 * name; one that names none has not looked. */
static void sources_look(Reading *r) {
  static const Str kinds[] = { { "deb", 3 }, { "apk", 3 }, { "rpm", 3 } };
  for (size_t k = 0; k < COUNT(kinds); k++) {
    VEC(uint32_t) silent = { 0 };
    bool told = false;
    PurlParts p;
    for (uint32_t i = 0; i < r->s->component.n && !told; i++) {
      const SbomComponent *c = &r->s->component.p[i];
      if (!c->purl.n || !purl_parts(c->purl, &p) || !str_eq_nocase(p.type, kinds[k])) continue;
      told = c->upstream.n > 0;
      vec_add(r->cx->arena, &silent, i);
    }
    for (size_t i = 0; i < silent.n && !told; i++) r->s->component.p[silent.p[i]].upstream = S(SBOM_SOURCE_UNKNOWN);
  }
}

void components_look(Reading *r) {
  Str system = system_of(r);
  for (uint32_t i = 0; i < r->s->component.n; i++) {
    const SbomComponent *c = &r->s->component.p[i];
    if (!c->name.n) component_warn(r, i, "/name", "the component has no name");
    if (c->version.n > 256)
      component_warn(r, i, "", "the version has %zu bytes and will not be compared", c->version.n);
    identifiers_look(r, i, system);
    support_look(r, i);
  }
  sources_look(r);
}
