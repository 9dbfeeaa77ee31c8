/* vex_write.c - statements for the outside: one file for each format, and what they share. */
#include "vuln/vex_write.h"
#include <stdlib.h>

static int by_text(const void *x, const void *y) { return str_cmp(*(const Str *)x, *(const Str *)y); }

static VexTimes times_of(Cx *cx, const VexOut *v) {
  VexTimes all = { 0 }, distinct = { 0 };
  for (size_t i = 0; i < v->n; i++) vec_add(cx->arena, &all, v->line[i].last);
  qsort(all.p, all.n, sizeof *all.p, by_text);
  for (size_t i = 0; i < all.n; i++)
    if (!distinct.n || !str_eq(distinct.p[distinct.n - 1], all.p[i])) vec_add(cx->arena, &distinct, all.p[i]);
  return distinct;
}

static const struct {
  const char *name;
  VexWriter *write;
} formats[VEX_FORMATS] = {
  [VEX_OPENVEX] = { "openvex", vex_write_openvex },
  [VEX_CYCLONEDX] = { "cyclonedx", vex_write_cyclonedx },
  [VEX_VDR] = { "cyclonedx-vdr", vex_write_vdr },
  [VEX_CSAF] = { "csaf", vex_write_csaf },
};

bool vex_format_find(Str name, VexFormat *out) {
  for (unsigned i = 0; i < VEX_FORMATS; i++)
    if (vex_is(name, formats[i].name)) {
      *out = (VexFormat)i;
      return true;
    }
  return false;
}

void vex_pair(JsonOut *o, const char *key, Str value) {
  if (value.n) json_pair(o, key, value);
}

bool vex_is(Str s, const char *word) { return str_eq(s, str_of(word)); }

Str vex_part(Cx *cx, const VexLine *l) {
  if (l->purl.n) return l->purl;
  return l->version.n ? str_fmt(cx->arena, "%.*s@%.*s", STR(l->name), STR(l->version)) : l->name;
}

/* Statements about one vulnerability stand together and agree in all but the component: one object each. */
static bool says_the_same(const VexLine *a, const VexLine *b) {
  return str_eq(a->vuln, b->vuln) && str_eq(a->status, b->status) && str_eq(a->justification, b->justification) &&
         str_eq(a->cyclonedx, b->cyclonedx) && str_eq(a->impact, b->impact) && str_eq(a->action, b->action) &&
         str_eq(a->last, b->last);
}

size_t vex_run(const VexOut *v, size_t from) {
  size_t n = from + 1;
  while (n < v->n && says_the_same(&v->line[from], &v->line[n])) n++;
  return n;
}

/* Affected needs words for the user, not affected needs a reason. */
Str vex_action(const VexLine *l) {
  return l->action.n ? l->action : l->impact.n ? l->impact : S("No action is stated yet; ask the maker.");
}

void vex_words(JsonOut *o, Str list, bool objects) {
  while (list.n) {
    Str one;
    (void)str_cut(list, ' ', &one, &list);
    if (!one.n) continue;
    if (!objects) json_put_str(o, one);
    else {
      json_object(o);
      json_pair(o, "id", one);
      json_key(o, "source");
      json_object(o);
      json_pair(o, "name", S("alias"));
      json_object_end(o);
      json_object_end(o);
    }
  }
}

/* https://host with a dot, and nothing in it that no address has. */
static bool is_web_address(Str s) {
  if (!str_starts(s, S("https://")) || s.n > 300) return false;
  Str host = str_slice(s, 8, s.n);
  size_t end = str_find_char(host, '/');
  host = end == SIZE_MAX ? host : str_slice(host, 0, end);
  size_t dot = str_find_char(host, '.');
  for (size_t i = 0; i < s.n; i++)
    if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '"' || s.p[i] == '<' || s.p[i] == '>' || s.p[i] == 127)
      return false;
  return dot != SIZE_MAX && dot > 0 && dot + 1 < host.n;
}

/* Nobody is named in place of the one who publishes: a document of an unknown author is worth nothing. */
static Err publisher(Cx *cx, const VexOut *v, VexFormat format) {
  static const char *const kinds[] = { "vendor", "coordinator", "discoverer", "translator", "user", "other" };
  bool kind = false;
  for (size_t i = 0; i < COUNT(kinds); i++) kind |= vex_is(v->publisher_category, kinds[i]);
  if (!v->author.n)
    return fail(cx, E_INVALID,
                "Who publishes this is not told. Nothing was written. Put it into proofline.toml: publisher_name = "
                "\"Your company\"");
  if (format != VEX_CSAF) return E_OK;
  if (!is_web_address(v->publisher_url))
    return fail(cx, E_INVALID,
                "CSAF names an address that the publisher owns; it is %s. Nothing was written. Put it into "
                "proofline.toml: publisher_namespace = \"https://www.your-company.com\"",
                v->publisher_url.n ? "no https address" : "not told");
  return kind
             ? E_OK
             : fail(cx, E_INVALID,
                    "publisher_category is '%.*s'. Nothing was written. CSAF knows: vendor, coordinator, discoverer, "
                    "translator, user, other",
                    STR(str_head(v->publisher_category, 40)));
}

Err vex_write(Cx *cx, const VexOut *v, VexFormat format, Buf *out) {
  JsonOut o = json_out(out, true);
  TRY(publisher(cx, v, format));
  if (!v->n) return fail(cx, E_NOTFOUND, "Nothing is known against this release, so there is nothing to state");
  VexTimes t = times_of(cx, v);
  formats[format].write(cx, &o, v, &t);
  buf_byte(out, '\n');
  return out->over ? fail(cx, E_TOO_LARGE, "The statements need more than %zu bytes", out->max) : E_OK;
}
