/* write_cyclonedx.c - CycloneDX 1.4 to 1.7, JSON.  The same SBOM gives the same bytes. */
#include "supply/write.h"

typedef struct Out {
  Cx *cx;
  const Sbom *s;
  unsigned version;
  JsonOut o;
  LicenceTexts texts;
  uint32_t subject;              /* index of metadata.component, or SBOM_NONE */
  uint32_t *first, *next;        /* nested components, in order; first[n] are those of the list itself */
} Out;

static void pair_if(JsonOut *o, const char *key, Str value) {
  if (value.n) json_pair(o, key, value);
}

static void named(JsonOut *o, const char *key, Str name) {
  if (!name.n) return;
  json_key(o, key);
  json_object(o);
  json_pair(o, "name", name);
  json_object_end(o);
}

/* An element of SPDX or a word of a later version is no word of this one. */
static Str type_of(const Out *w, Str type) {
  return cyclonedx_type_known(type, w->version) ? type : str_eq(type, S("source")) || str_eq(type, S("archive"))
                                                             ? S("file") : S("library");
}

static void licences_put(Out *w, Str licence) {
  if (!licence.n) return;
  JsonOut *o = &w->o;
  bool id = is_licence_id(licence);
  const SbomLicence *known = licence_find(&w->texts, licence);
  /* our own name in SPDX for a licence that is no expression */
  if (known && known->name.n && str_eq(licence, licence_ref(w->cx->arena, known->name))) licence = known->name;
  json_key(o, "licenses");
  json_array(o);
  json_object(o);
  if (!id && is_licence_expression(w->cx->arena, licence)) {
    json_pair(o, "expression", licence);
  } else {
    json_key(o, "license");
    json_object(o);
    json_pair(o, id ? "id" : "name", licence);
    if (known && known->text.n && !str_eq(known->text, licence)) {
      json_key(o, "text");
      json_object(o);
      json_pair(o, "content", known->text);
      json_object_end(o);
    }
    json_object_end(o);
  }
  json_object_end(o);
  json_array_end(o);
}

static bool has_hash(const Out *w, Str alg, Str content) {
  return hash_in_cyclonedx(alg, w->version) && !hash_fault(w->cx->arena, alg, content, w->version).n;
}

static void hashes_put(Out *w, Str hashes) {
  Str alg, content;
  bool any = false;
  while (hash_next(&hashes, &alg, &content)) {
    if (!has_hash(w, alg, content)) continue;
    if (!any) {
      json_key(&w->o, "hashes");
      json_array(&w->o);
      any = true;
    }
    json_object(&w->o);
    json_pair(&w->o, "alg", alg);
    json_pair(&w->o, "content", content);
    json_object_end(&w->o);
  }
  if (any) json_array_end(&w->o);
}

/* Properties are gathered first: an empty list is not written. */
typedef struct Property { const char *name; Str value; } Property;

static void properties_put(JsonOut *o, const Property *p, size_t n) {
  if (!n) return;
  json_key(o, "properties");
  json_array(o);
  for (size_t i = 0; i < n; i++) {
    json_object(o);
    json_pair(o, "name", str_of(p[i].name));
    json_pair(o, "value", p[i].value);
    json_object_end(o);
  }
  json_array_end(o);
}

/* Identifiers beyond the first of a kind: SWHID and OmniBOR have fields from 1.6 on, more CPEs are properties. */
static void ids_put(Out *w, const char *key, Str ids, Str start) {
  Str rest = ids, one;
  bool any = false;
  while (w->version >= 6 && str_line(&rest, &one)) {
    if (!str_starts(one, start)) continue;
    if (!any) {
      json_key(&w->o, key);
      json_array(&w->o);
      any = true;
    }
    json_put_str(&w->o, one);
  }
  if (any) json_array_end(&w->o);
}

static void extras_put(Out *w, const SbomComponent *c) {
  enum { MOST = 64 };
  Property p[MOST];
  size_t n = 0;
  Str rest = c->other_ids, one, name, version;
  ids_put(w, "omniborId", c->other_ids, S("gitoid:"));
  ids_put(w, "swhid", c->other_ids, S("swh:"));
  while (str_line(&rest, &one))
    if (str_starts(one, S("cpe:")) && n < MOST - 4) p[n++] = (Property){ "syft:cpe23", one };
  if (upstream_is_unsaid(w->cx, c)) {
    bool with_version = str_cut(c->upstream, '@', &name, &version);
    p[n++] = (Property){ "aquasecurity:trivy:SrcName", name };
    if (with_version) p[n++] = (Property){ "aquasecurity:trivy:SrcVersion", version };
  }
  if (c->support_level.n) p[n++] = (Property){ "proofline:levelOfSupport", c->support_level };
  if (c->support_end.n) p[n++] = (Property){ "proofline:endOfSupport", c->support_end };
  properties_put(&w->o, p, n);
}

static void component_put(Out *w, uint32_t i);

/* Recursion follows the nesting, which a reader bounds at 64. */
static void nested_put(Out *w, uint32_t of, bool always) {
  if (w->first[of] == SBOM_NONE && !always) return;
  json_key(&w->o, "components");
  json_array(&w->o);
  for (uint32_t k = w->first[of]; k != SBOM_NONE; k = w->next[k]) component_put(w, k);
  json_array_end(&w->o);
}

static void component_put(Out *w, uint32_t i) {
  const SbomComponent *c = &w->s->component.p[i];
  JsonOut *o = &w->o;
  json_object(o);
  json_pair(o, "type", type_of(w, c->type));
  pair_if(o, "bom-ref", c->ref);
  named(o, "supplier", c->supplier);
  pair_if(o, "group", c->group);
  json_pair(o, "name", c->name.n ? c->name : S(""));
  pair_if(o, "version", c->version);
  pair_if(o, "scope", c->scope);
  hashes_put(w, c->hashes);
  licences_put(w, c->licence);
  pair_if(o, "cpe", c->cpe);
  pair_if(o, "purl", c->purl);
  if (c->swid.n) {
    json_key(o, "swid");
    json_object(o);
    json_pair(o, "tagId", c->swid);
    json_pair(o, "name", c->name.n ? c->name : c->swid);
    json_object_end(o);
  }
  extras_put(w, c);
  nested_put(w, i, false);
  json_object_end(o);
}

/* ---- the document ---- */

static void tools_put(Out *w, Str tools) {
  JsonOut *o = &w->o;
  if (!tools.n) return;
  json_key(o, "tools");
  if (w->version >= 5) {
    json_object(o);
    json_key(o, "components");
  }
  json_array(o);
  json_object(o);
  if (w->version >= 5) json_pair(o, "type", S("application"));
  json_pair(o, "name", tools);
  json_object_end(o);
  json_array_end(o);
  if (w->version >= 5) json_object_end(o);
}

static void lifecycles_put(Out *w, Str rest) {
  Str one;
  if (!rest.n || w->version < 5) return;
  json_key(&w->o, "lifecycles");
  json_array(&w->o);
  while (rest.n) {
    (void)str_cut(rest, ',', &one, &rest);
    one = str_trim(one);
    json_object(&w->o);
    json_pair(&w->o, cyclonedx_phase_known(one) ? "phase" : "name", one);
    json_object_end(&w->o);
  }
  json_array_end(&w->o);
}

static Lost lost_count(const Out *w) {
  Lost lost = { 0 };
  for (size_t i = 0; i < w->s->component.n; i++) {
    const SbomComponent *c = &w->s->component.p[i];
    Str hashes = c->hashes, ids = c->other_ids, alg, content, one;
    while (hash_next(&hashes, &alg, &content)) lost.hashes += !has_hash(w, alg, content);
    while (str_line(&ids, &one)) {
      bool field = str_starts(one, S("gitoid:")) || str_starts(one, S("swh:"));
      lost.identifiers += !str_starts(one, S("cpe:")) && !(field && w->version >= 6);
    }
    lost.types += c->type.n && !str_eq(type_of(w, c->type), c->type);
  }
  return lost;
}

/* What the licences say that expressions refer to, and what is left out of the whole. */
static void notes_put(Out *w) {
  Arena *a = w->cx->arena;
  const Sbom *s = w->s;
  Property *p = NEW_ARRAY(a, 2 * s->licence.n + 1, Property);
  size_t n = 0;
  for (size_t i = 0; i < s->licence.n; i++) {
    const SbomLicence *l = &s->licence.p[i];
    if (!str_starts(l->id, S("LicenseRef-"))) continue;
    if (l->name.n) p[n++] = (Property){ str_z(a, str_fmt(a, LICENCE_NAME "%.*s", STR(l->id))), l->name };
    p[n++] = (Property){ str_z(a, str_fmt(a, LICENCE_TEXT "%.*s", STR(l->id))), l->text.n ? l->text : S("") };
  }
  Lost count = lost_count(w);
  Str lost = lost_words(w->cx, &count, str_z(a, str_fmt(a, "CycloneDX 1.%u", w->version)));
  if (lost.n) p[n++] = (Property){ "proofline:leftOut", lost };
  properties_put(&w->o, p, n);
}

static void metadata_put(Out *w) {
  JsonOut *o = &w->o;
  int64_t us;
  json_key(o, "metadata");
  json_object(o);
  if (time_parse(w->s->timestamp, &us)) json_pair(o, "timestamp", w->s->timestamp);
  lifecycles_put(w, w->s->lifecycle);
  tools_put(w, w->s->tools);
  if (w->s->authors.n) {
    json_key(o, "authors");
    json_array(o);
    json_object(o);
    json_pair(o, "name", w->s->authors);
    json_object_end(o);
    json_array_end(o);
  }
  if (w->subject != SBOM_NONE) {
    json_key(o, "component");
    component_put(w, w->subject);
  }
  named(o, "supplier", w->s->supplier);
  notes_put(w);
  json_object_end(o);
}

static void dependencies_put(Out *w) {
  const Sbom *s = w->s;
  JsonOut *o = &w->o;
  json_key(o, "dependencies");
  json_array(o);
  for (size_t k = 0; k < s->edge.n;) {
    uint32_t from = s->edge.p[k].from;
    json_object(o);
    json_pair(o, "ref", s->component.p[from].ref);
    json_key(o, "dependsOn");
    json_array(o);
    for (; k < s->edge.n && s->edge.p[k].from == from; k++) json_put_str(o, s->component.p[s->edge.p[k].to].ref);
    json_array_end(o);
    json_object_end(o);
  }
  json_array_end(o);
}

static void compositions_put(Out *w, Str rest) {
  Str one;
  if (!rest.n) return;
  json_key(&w->o, "compositions");
  json_array(&w->o);
  while (rest.n) {
    (void)str_cut(rest, ',', &one, &rest);
    json_object(&w->o);
    json_pair(&w->o, "aggregate", str_trim(one));
    json_object_end(&w->o);
  }
  json_array_end(&w->o);
}

/* first[] and next[]: the components below each, and at the index behind the last those of the list. */
static void nesting_find(Out *w) {
  uint32_t n = (uint32_t)w->s->component.n;
  uint32_t *last = NEW_ARRAY(w->cx->arena, n + 1, uint32_t);
  w->first = NEW_ARRAY(w->cx->arena, n + 1, uint32_t);
  w->next = NEW_ARRAY(w->cx->arena, n + 1, uint32_t);
  for (uint32_t i = 0; i <= n; i++) w->first[i] = w->next[i] = last[i] = SBOM_NONE;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t of = w->s->component.p[i].parent;
    if (i == w->subject) continue;
    if (of == SBOM_NONE) of = n;
    if (last[of] == SBOM_NONE) w->first[of] = i;
    else w->next[last[of]] = i;
    last[of] = i;
  }
}

Err cyclonedx_write(Cx *cx, const Sbom *s, unsigned version, Buf *out) {
  Out w = { .cx = cx, .s = s, .version = version, .o = json_out(out, true), .subject = s->root,
            .texts = licence_texts(cx, s) };
  int64_t number;
  bool whole = str_int(s->doc_version, &number) && number > 0;
  nesting_find(&w);
  json_object(&w.o);
  json_pair(&w.o, "bomFormat", S("CycloneDX"));
  json_pair(&w.o, "specVersion", str_fmt(cx->arena, "1.%u", version));
  if (cyclonedx_serial_known(s->serial)) json_pair(&w.o, "serialNumber", s->serial);
  json_pair_int(&w.o, "version", whole ? number : 1);
  metadata_put(&w);
  nested_put(&w, (uint32_t)s->component.n, true);
  dependencies_put(&w);
  compositions_put(&w, s->coverage);
  json_object_end(&w.o);
  buf_byte(out, '\n');
  return E_OK;
}
