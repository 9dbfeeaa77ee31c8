/* csaf_check_document.c - a document's head: fields that it must have, languages, and names of categories. */
#include "vuln/csaf_check_inside.h"

/* ---- fields -------------------------------------------------------------------------------------------- */

static bool has(JVal *object, const char *key) {
  JVal *v = json_get(object, key);
  return v && (!yyjson_is_str(v) || json_str(v).n) && (!yyjson_is_arr(v) || yyjson_arr_size(v));
}

static void fields(Csaf *c) {
  static const char *const head[] = { "category", "csaf_version", "publisher", "title", "tracking" };
  static const char *const publisher[] = { "category", "name", "namespace" };
  static const char *const tracking[] = { "current_release_date", "id",     "initial_release_date",
                                          "revision_history",     "status", "version" };
  static const char *const dates[] = { "current_release_date", "initial_release_date" };
  for (size_t i = 0; i < COUNT(head); i++)
    if (!has(c->document, head[i])) csaf_fault(c, "schema", csaf_at(c, "/document/%s", head[i]), "it is missing");
  for (size_t i = 0; i < COUNT(publisher); i++)
    if (!has(json_get(c->document, "publisher"), publisher[i]))
      csaf_fault(c, "schema", csaf_at(c, "/document/publisher/%s", publisher[i]), "it is missing");
  for (size_t i = 0; i < COUNT(tracking); i++)
    if (!has(c->tracking, tracking[i]))
      csaf_fault(c, "schema", csaf_at(c, "/document/tracking/%s", tracking[i]), "it is missing");
  for (size_t i = 0; i < COUNT(dates); i++) {
    int64_t at_us;
    Str day = json_text(c->tracking, dates[i]);
    if (day.n && !time_parse(day, &at_us))
      csaf_fault(c, "schema", csaf_at(c, "/document/tracking/%s", dates[i]), "'%.*s' is no time",
                 STR(str_head(day, 40)));
  }
}

/* ---- languages ----------------------------------------------------------------------------------------- */

/* ISO 639-1; of longer subtags only the form is judged. */
static const char two_letters[] =
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
    "en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it "
    "iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo "
    "mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh "
    "si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh "
    "yi yo za zh zu";

static bool is_subtag(Str s, bool letters) {
  for (size_t i = 0; i < s.n; i++) {
    bool letter = (s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z', digit = s.p[i] >= '0' && s.p[i] <= '9';
    if (!letter && (letters || !digit)) return false;
  }
  return s.n > 0;
}

static bool is_known(Str code) {
  for (size_t i = 0; i + 2 < sizeof two_letters; i += 3)
    if (str_eq(code, (Str){ two_letters + i, 2 })) return true;
  return false;
}

static bool is_language(Arena *a, Str tag) {
  Str first, rest, part;
  if (str_eq_nocase(tag, S("i-default")) || str_starts(str_lower(a, tag), S("x-"))) return true;
  (void)str_cut(tag, '-', &first, &rest);
  if (!is_subtag(first, true) || first.n < 2 || first.n > 8) return false;
  if (first.n == 2 && !is_known(str_lower(a, first))) return false;
  while (rest.n) {
    (void)str_cut(rest, '-', &part, &rest);
    if (!is_subtag(part, false) || part.n > 8) return false;
  }
  return true;
}

static void languages(Csaf *c) {
  static const char *const keys[] = { "lang", "source_lang" };
  Str lang = json_text(c->document, "lang"), source = json_text(c->document, "source_lang");
  for (size_t i = 0; i < COUNT(keys); i++) {
    Str tag = json_text(c->document, keys[i]);
    if (tag.n && !is_language(c->cx->arena, tag))
      csaf_fault(c, "6.1.12", csaf_at(c, "/document/%s", keys[i]), "'%.*s' is no language", STR(str_head(tag, 40)));
  }
  if (str_eq(json_text(json_get(c->document, "publisher"), "category"), S("translator")) && !source.n)
    csaf_fault(c, "6.1.15", S("/document/source_lang"), "a translator says from which language");
  if (lang.n && source.n && str_eq_nocase(lang, source))
    csaf_fault(c, "6.1.28", S("/document/source_lang"), "it is the language of the document itself");
}

/* ---- categories ---------------------------------------------------------------------------------------- */

static Str squeezed(Arena *a, Str s) {
  Buf b = buf_new(a, 512);
  for (size_t i = 0; i < s.n && i < 200; i++)
    if (s.p[i] != '-' && s.p[i] != '_' && s.p[i] > ' ') buf_byte(&b, s.p[i]);
  return str_lower(a, buf_str(&b));
}

/* A name that is not a profile's must not look like one. */
static void category(Csaf *c) {
  static const char *const profiles[] = { "csaf_base", "csaf_security_incident_response",
                                          "csaf_informational_advisory", "csaf_security_advisory", "csaf_vex",
                                          "csaf_withdrawn", "csaf_superseded",
                                          "csaf_deprecated_security_advisory",
                                          "csaf_vulnerability_report" };
  static const char *const reserved[] = { "securityincidentresponse", "informationaladvisory", "securityadvisory",
                                          "vex", "withdrawn", "superseded", "vulnerabilityreport" };
  Str at = S("/document/category"), name = squeezed(c->cx->arena, c->category);
  for (size_t i = 0; i < COUNT(profiles) - (c->new_rules ? 0 : 4); i++)
    if (str_eq(c->category, str_of(profiles[i]))) return;
  if (str_starts(str_lower(c->cx->arena, c->category), S("csaf_"))) {
    csaf_fault(c, "6.1.26", at, "'%.*s' begins with csaf_, which is kept for profiles", STR(str_head(c->category, 80)));
    return;
  }
  if (str_starts(name, S("csaf"))) name = str_slice(name, 4, name.n);
  for (size_t i = 0; i < COUNT(reserved) - (c->new_rules ? 0 : 3); i++)
    if (str_eq(name, str_of(reserved[i])))
      csaf_fault(c, "6.1.26", at, "'%.*s' looks like the name of a profile", STR(str_head(c->category, 80)));
}

void csaf_check_document(Csaf *c) {
  fields(c);
  languages(c);
  category(c);
}
