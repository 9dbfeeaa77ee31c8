/* defects.c - what the CycloneDX schema forbids but a reader can live with: said, never silent, no reason to refuse.
 *
 * Users lose real SBOMs to strict validation, and lose trust to silent acceptance; so: accept and list. */
#include "supply/inside.h"

typedef struct Words { const char *word[14]; } Words;
static const Words types = { { "application", "framework", "library", "container", "platform",
                               "operating-system", "device", "device-driver", "firmware", "file",
                               "machine-learning-model", "data", "cryptographic-asset" } };
static const Words scopes = { { "required", "optional", "excluded" } };
static const Words patch_types = { { "unofficial", "monkey", "backport", "cherry-pick" } };
static const Words issue_types = { { "defect", "enhancement", "security" } };
static const Words flows = { { "inbound", "outbound", "bi-directional", "unknown" } };
static const Words encodings = { { "base64" } };

static bool is_one_of(Str s, const Words *words) {
  for (size_t i = 0; i < COUNT(words->word) && words->word[i]; i++)
    if (str_eq(s, str_of(words->word[i]))) return true;
  return false;
}

static bool strange(Str s, const Words *words) { return s.n && !is_one_of(s, words); }

typedef struct HashKind { Str name, spdx; size_t digits; } HashKind;
static const HashKind hash_kinds[] = {
  { { "MD5", 3 }, { "MD5", 3 }, 32 },            { { "SHA-1", 5 }, { "SHA1", 4 }, 40 },
  { { "SHA-224", 7 }, { "SHA224", 6 }, 56 },     { { "SHA-256", 7 }, { "SHA256", 6 }, 64 },
  { { "SHA-384", 7 }, { "SHA384", 6 }, 96 },     { { "SHA-512", 7 }, { "SHA512", 6 }, 128 },
  { { "SHA3-256", 8 }, { "SHA3-256", 8 }, 64 },  { { "SHA3-384", 8 }, { "SHA3-384", 8 }, 96 },
  { { "SHA3-512", 8 }, { "SHA3-512", 8 }, 128 }, { { "BLAKE2b-256", 11 }, { "BLAKE2b-256", 11 }, 64 },
  { { "BLAKE2b-384", 11 }, { "BLAKE2b-384", 11 }, 96 }, { { "BLAKE2b-512", 11 }, { "BLAKE2b-512", 11 }, 128 },
  { { "BLAKE3", 6 }, { "BLAKE3", 6 }, 0 },       { { "Streebog-256", 12 }, { "Streebog-256", 12 }, 64 },
  { { "Streebog-512", 12 }, { "Streebog-512", 12 }, 128 },
  { { "MD2", 3 }, { "MD2", 3 }, 32 },            { { "MD4", 3 }, { "MD4", 3 }, 32 },
  { { "MD6", 3 }, { "MD6", 3 }, 0 },             { { "ADLER32", 7 }, { "ADLER32", 7 }, 8 },
};

static const HashKind *hash_kind(Str alg) {
  for (size_t i = 0; i < COUNT(hash_kinds); i++)
    if (str_eq(alg, hash_kinds[i].name) || str_eq(alg, hash_kinds[i].spdx)) return &hash_kinds[i];
  return NULL;
}

Str hash_name(Str alg) {
  const HashKind *k = hash_kind(alg);
  return k ? k->name : alg;
}

void hash_check(Reading *r, uint32_t c, Str alg, Str content) {
  Str shown = str_head(alg, 40);
  const HashKind *k = hash_kind(alg);
  bool hex = content.n > 0 && content.n % 2 == 0;
  for (size_t i = 0; i < content.n && hex; i++)
    hex = str_find_char(S("0123456789abcdefABCDEF"), content.p[i]) != SIZE_MAX;
  if (!k) component_warn(r, c, "/hashes", "\"%.*s\" is not a known hash algorithm", STR(shown));
  else if (!hex || (k->digits && content.n != k->digits))
    component_warn(r, c, "/hashes", "this is not a %.*s hash: %zu characters", STR(shown), content.n);
}

static void attachment_look(Reading *r, uint32_t c, const char *tail, JVal *text) {
  Str encoding = json_text(text, "encoding");
  if (strange(encoding, &encodings))
    component_warn(r, c, tail, "the encoding \"%.*s\" is not base64", STR(encoding));
}

static void pedigree_look(Reading *r, uint32_t c, JVal *pedigree) {
  JSON_EACH(patch, json_get(pedigree, "patches")) {
    Str type = json_text(patch, "type");
    if (strange(type, &patch_types))
      component_warn(r, c, "/pedigree/patches", "\"%.*s\" is not a type of patch", STR(type));
    JSON_EACH(issue, json_get(patch, "resolves")) {
      Str kind = json_text(issue, "type");
      if (strange(kind, &issue_types))
        component_warn(r, c, "/pedigree/patches", "\"%.*s\" is not a type of issue", STR(kind));
    }
  }
}

void component_defects(Reading *r, uint32_t c, JVal *o) {
  const SbomComponent it = r->s->component.p[c];
  if (!it.type.n) component_warn(r, c, "/type", "the component has no type");
  else if (!is_one_of(it.type, &types))
    component_warn(r, c, "/type", "\"%.*s\" is not a type of component", STR(it.type));
  if (strange(it.scope, &scopes)) component_warn(r, c, "/scope", "\"%.*s\" is not a scope", STR(it.scope));
  if (json_get(o, "versionRange") && !json_bool(o, "isExternal", false))
    component_warn(r, c, "/versionRange", "a version range stands at a component that is not external");
  size_t expressions = 0, n = 0;
  JSON_EACH(v, json_get(o, "licenses")) {
    n++;
    expressions += json_get(v, "expression") != NULL;
    attachment_look(r, c, "/licenses", json_get(json_get(v, "license"), "text"));
  }
  if (expressions && n > 1 && !str_eq(r->s->spec, S("1.7")))
    component_warn(r, c, "/licenses", "a licence expression stands beside other licences");
  pedigree_look(r, c, json_get(o, "pedigree"));
}

void cyclonedx_defects(Reading *r, JVal *root) {
  uint32_t i = 0;
  JSON_EACH(service, json_get(root, "services")) {
    JSON_EACH(data, json_get(service, "data")) {
      Str flow = json_text(data, "flow");
      if (strange(flow, &flows))
        reading_warn(r, str_fmt(r->cx->arena, "/services/%u/data", i), "\"%.*s\" is not a data flow", STR(flow));
    }
    i++;
  }
}
