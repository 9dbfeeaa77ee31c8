/* rules_cyclonedx.c - what CycloneDX 1.2 to 1.7 demands of the parts that are read, or that others will read.
 *
 * Lists of words are facts of the specification (ECMA-424 and its predecessors); the number beside a word is the
 * first minor version that has it. */
#include "supply/rules.h"

#define WORDS(name, what_it_is, ...)                                                                     \
  static const Word name##_list[] = { __VA_ARGS__ };                                                     \
  static const Words name = { what_it_is, name##_list, COUNT(name##_list) }

WORDS(component_types, "a type of component", { "application", 0 }, { "framework", 0 }, { "library", 0 },
      { "container", 0 }, { "platform", 5 }, { "operating-system", 0 }, { "device", 0 }, { "device-driver", 5 },
      { "firmware", 0 }, { "file", 0 }, { "machine-learning-model", 5 }, { "data", 5 }, { "cryptographic-asset", 6 });
WORDS(scopes, "a scope", { "required", 0 }, { "optional", 0 }, { "excluded", 0 });
WORDS(encodings, "an encoding of an attachment (base64 is the only one)", { "base64", 0 });
WORDS(patch_types, "a type of patch", { "unofficial", 0 }, { "monkey", 0 }, { "backport", 0 }, { "cherry-pick", 0 });
WORDS(issue_types, "a type of issue", { "defect", 0 }, { "enhancement", 0 }, { "security", 0 });
WORDS(flows, "a direction of data", { "inbound", 0 }, { "outbound", 0 }, { "bi-directional", 0 }, { "unknown", 0 });
WORDS(acknowledgements, "an acknowledgement of a licence", { "declared", 0 }, { "concluded", 0 });
WORDS(phases, "a phase of the life cycle", { "design", 0 }, { "pre-build", 0 }, { "build", 0 }, { "post-build", 0 },
      { "operations", 0 }, { "discovery", 0 }, { "decommission", 0 });
WORDS(aggregates, "a completeness", { "complete", 0 }, { "incomplete", 0 }, { "incomplete_first_party_only", 0 },
      { "incomplete_first_party_proprietary_only", 5 }, { "incomplete_first_party_opensource_only", 5 },
      { "incomplete_third_party_only", 0 }, { "incomplete_third_party_proprietary_only", 5 },
      { "incomplete_third_party_opensource_only", 5 }, { "unknown", 0 }, { "not_specified", 0 });
WORDS(severities, "a severity", { "critical", 0 }, { "high", 0 }, { "medium", 0 }, { "low", 0 }, { "info", 0 },
      { "none", 0 }, { "unknown", 0 });
WORDS(methods, "a method of rating", { "CVSSv2", 0 }, { "CVSSv3", 0 }, { "CVSSv31", 0 }, { "CVSSv4", 5 },
      { "OWASP", 0 }, { "SSVC", 5 }, { "other", 0 });
WORDS(states, "a state of an analysis", { "resolved", 0 }, { "resolved_with_pedigree", 0 }, { "exploitable", 0 },
      { "in_triage", 0 }, { "false_positive", 0 }, { "not_affected", 0 });
WORDS(justifications, "a justification", { "code_not_present", 0 }, { "code_not_reachable", 0 },
      { "requires_configuration", 0 }, { "requires_dependency", 0 }, { "requires_environment", 0 },
      { "protected_by_compiler", 0 }, { "protected_at_runtime", 0 }, { "protected_at_perimeter", 0 },
      { "protected_by_mitigating_control", 0 });
WORDS(responses, "a response", { "can_not_fix", 0 }, { "will_not_fix", 0 }, { "update", 0 }, { "rollback", 0 },
      { "workaround_available", 0 });
WORDS(reference_types, "a type of external reference", { "vcs", 0 }, { "issue-tracker", 0 }, { "website", 0 },
      { "advisories", 0 }, { "bom", 0 }, { "mailing-list", 0 }, { "social", 0 }, { "chat", 0 },
      { "documentation", 0 }, { "support", 0 }, { "source-distribution", 6 }, { "distribution", 0 },
      { "distribution-intake", 5 }, { "license", 0 }, { "build-meta", 0 }, { "build-system", 0 },
      { "release-notes", 4 }, { "security-contact", 5 }, { "model-card", 5 }, { "log", 5 }, { "configuration", 5 },
      { "evidence", 5 }, { "formulation", 5 }, { "attestation", 5 }, { "threat-model", 5 }, { "adversary-model", 5 },
      { "risk-assessment", 5 }, { "vulnerability-assertion", 5 }, { "exploitability-statement", 5 },
      { "pentest-report", 5 }, { "static-analysis-report", 5 }, { "dynamic-analysis-report", 5 },
      { "runtime-analysis-report", 5 }, { "component-analysis-report", 5 }, { "maturity-report", 5 },
      { "certification-report", 5 }, { "codified-infrastructure", 5 }, { "quality-metrics", 5 }, { "poam", 5 },
      { "electronic-signature", 6 }, { "digital-signature", 6 }, { "rfc-9116", 6 }, { "patent", 7 },
      { "patent-family", 7 }, { "patent-assertion", 7 }, { "citation", 7 }, { "other", 0 });

/* ---- shapes, from the leaves up ---- */

#define SHAPE(name, what_it_is, more_rules, ...)                                                         \
  static const Member name##_members[] = { __VA_ARGS__ };                                                \
  static const Shape name = { what_it_is, name##_members, COUNT(name##_members), more_rules }
#define TEXT(n) { n, WANT_TEXT, false, NULL, NULL, 0 }
#define MUST_TEXT(n) { n, WANT_TEXT, true, NULL, NULL, 0 }
#define REF(n) { n, WANT_REF, false, NULL, NULL, 0 }
#define DATE(n) { n, WANT_DATE, false, NULL, NULL, 0 }
#define WORD(n, words) { n, WANT_WORD, false, NULL, &words, 0 }
#define MUST_WORD(n, words) { n, WANT_WORD, true, NULL, &words, 0 }
#define OBJECT(n, shape) { n, WANT_OBJECT, false, &shape, NULL, 0 }
#define LIST(n, shape) { n, WANT_LIST, false, &shape, NULL, 0 }
#define TEXTS(n) { n, WANT_TEXTS, false, NULL, NULL, 0 }

static void hash_rule(Judge *j, JVal *o, const Path *at) {
  Str alg = json_text(o, "alg"), content = json_text(o, "content");
  Str why = hash_fault(j->r->cx->arena, alg, content, j->version);
  if (alg.n && why.n) judge_error(j, at, NULL, "%.*s", STR(why));
}

/* Exactly one of the two; XML allows no more either. */
static void licence_rule(Judge *j, JVal *o, const Path *at) {
  bool id = json_get(o, "id") != NULL, name = json_get(o, "name") != NULL;
  if (!id && !name) judge_error(j, at, NULL, "a licence must have \"id\" or \"name\"");
  if (id && name) judge_error(j, at, NULL, "a licence has \"id\" or \"name\", not both");
}

static void choice_rule(Judge *j, JVal *o, const Path *at) {
  bool licence = json_get(o, "license") != NULL, expression = json_get(o, "expression") != NULL;
  if (licence == expression) judge_error(j, at, NULL, "this must have either \"license\" or \"expression\"");
}

/* Up to 1.6 a list holds licences, or one expression and nothing else. */
static void licences_rule(Judge *j, JVal *o, const Path *at) {
  JVal *list = json_get(o, "licenses");
  size_t expressions = 0;
  JSON_EACH(v, list) expressions += json_get(v, "expression") != NULL;
  if (j->version < 7 && expressions && yyjson_arr_size(list) > 1)
    judge_error(j, at, "licenses", "an expression stands beside other licences, which CycloneDX allows from 1.7 on");
}

static void component_rule(Judge *j, JVal *o, const Path *at) {
  licences_rule(j, o, at);
  if (!json_get(o, "versionRange")) return;
  if (json_get(o, "version")) judge_error(j, at, "versionRange", "a component has a version or a range, not both");
  if (!json_bool(o, "isExternal", false))
    judge_error(j, at, "versionRange", "a version range stands at a component that is not external");
}

static void citation_rule(Judge *j, JVal *o, const Path *at) {
  if ((json_get(o, "pointers") != NULL) == (json_get(o, "expressions") != NULL))
    judge_error(j, at, NULL, "a citation has either \"pointers\" or \"expressions\"");
  if (!json_get(o, "attributedTo") && !json_get(o, "process"))
    judge_error(j, at, NULL, "a citation must have \"attributedTo\" or \"process\"");
}

SHAPE(hash, "a hash", hash_rule, MUST_TEXT("alg"), MUST_TEXT("content"));
SHAPE(attachment, "an attachment", NULL, MUST_TEXT("content"), WORD("encoding", encodings), TEXT("contentType"));
SHAPE(contact, "a contact", NULL, REF("bom-ref"), TEXT("name"), TEXT("email"), TEXT("phone"));
SHAPE(organization, "an organization", NULL, REF("bom-ref"), TEXT("name"), TEXTS("url"), LIST("contact", contact));
SHAPE(licence, "a licence", licence_rule, REF("bom-ref"), { "id", WANT_LICENCE, false, NULL, NULL, 0 }, TEXT("name"),
      OBJECT("text", attachment), TEXT("url"), WORD("acknowledgement", acknowledgements));
SHAPE(choice, "an entry of \"licenses\"", choice_rule, OBJECT("license", licence), TEXT("expression"),
      WORD("acknowledgement", acknowledgements), REF("bom-ref"));
SHAPE(reference, "an external reference", NULL, MUST_TEXT("url"), MUST_WORD("type", reference_types), TEXT("comment"),
      LIST("hashes", hash));
SHAPE(property, "a property", NULL, TEXT("name"), TEXT("value"));
SHAPE(source, "a source", NULL, TEXT("name"), TEXT("url"));
SHAPE(issue, "an issue", NULL, MUST_WORD("type", issue_types), TEXT("id"), TEXT("name"), TEXT("description"),
      OBJECT("source", source), TEXTS("references"));
SHAPE(diff, "a diff", NULL, OBJECT("text", attachment), TEXT("url"));
SHAPE(patch, "a patch", NULL, MUST_WORD("type", patch_types), OBJECT("diff", diff), LIST("resolves", issue));
SHAPE(commit, "a commit", NULL, TEXT("uid"), TEXT("url"), TEXT("message"));
SHAPE(swid, "a SWID tag", NULL, MUST_TEXT("tagId"), MUST_TEXT("name"), TEXT("version"), OBJECT("text", attachment),
      TEXT("url"));

static const Shape component;
SHAPE(pedigree, "a pedigree", NULL, LIST("ancestors", component), LIST("descendants", component),
      LIST("variants", component), LIST("commits", commit), LIST("patches", patch), TEXT("notes"));
static const Member component_members[] = {
  MUST_WORD("type", component_types),
  REF("bom-ref"),
  TEXT("mime-type"),
  MUST_TEXT("name"),
  { "version", WANT_TEXT, true, NULL, NULL, 3 },
  TEXT("group"),
  TEXT("description"),
  TEXT("publisher"),
  TEXT("author"),
  TEXT("copyright"),
  TEXT("cpe"),
  TEXT("purl"),
  OBJECT("supplier", organization),
  OBJECT("manufacturer", organization),
  LIST("authors", contact),
  WORD("scope", scopes),
  LIST("hashes", hash),
  LIST("licenses", choice),
  OBJECT("swid", swid),
  OBJECT("pedigree", pedigree),
  LIST("externalReferences", reference),
  LIST("properties", property),
  LIST("components", component),
  TEXTS("omniborId"),
  TEXTS("swhid"),
  TEXTS("tags"),
};
static const Shape component = { "a component", component_members, COUNT(component_members), component_rule };

SHAPE(flow, "an entry of \"data\"", NULL, MUST_WORD("flow", flows), MUST_TEXT("classification"));
static const Shape service;
static const Member service_members[] = {
  REF("bom-ref"), MUST_TEXT("name"), TEXT("version"), TEXT("group"), TEXT("description"),
  OBJECT("provider", organization), TEXTS("endpoints"), LIST("data", flow), LIST("licenses", choice),
  LIST("externalReferences", reference), LIST("properties", property), LIST("services", service),
};
static const Shape service = { "a service", service_members, COUNT(service_members), licences_rule };

SHAPE(lifecycle, "a phase", NULL, WORD("phase", phases), TEXT("name"), TEXT("description"));
SHAPE(metadata, "\"metadata\"", licences_rule, DATE("timestamp"), LIST("authors", contact),
      OBJECT("component", component), OBJECT("manufacture", organization), OBJECT("manufacturer", organization),
      OBJECT("supplier", organization), LIST("licenses", choice), LIST("properties", property),
      LIST("lifecycles", lifecycle));
SHAPE(dependency, "a dependency", NULL, { "ref", WANT_REF, true, NULL, NULL, 0 }, TEXTS("dependsOn"),
      TEXTS("provides"));
SHAPE(composition, "a composition", NULL, MUST_WORD("aggregate", aggregates), REF("bom-ref"));
SHAPE(rating, "a rating", NULL, OBJECT("source", source), WORD("severity", severities), WORD("method", methods),
      TEXT("vector"), TEXT("justification"));
SHAPE(analysis, "an analysis", NULL, WORD("state", states), WORD("justification", justifications),
      { "response", WANT_TEXTS, false, NULL, &responses, 0 }, TEXT("detail"));
SHAPE(target, "an entry of \"affects\"", NULL, { "ref", WANT_REF, true, NULL, NULL, 0 });
SHAPE(vulnerability, "a vulnerability", NULL, REF("bom-ref"), TEXT("id"), OBJECT("source", source),
      LIST("ratings", rating), TEXT("description"), TEXT("detail"), TEXT("recommendation"),
      OBJECT("analysis", analysis), LIST("affects", target), DATE("created"), DATE("published"), DATE("updated"));
SHAPE(citation, "a citation", citation_rule, REF("bom-ref"), { "timestamp", WANT_DATE, true, NULL, NULL, 0 },
      TEXTS("pointers"), TEXTS("expressions"), TEXT("note"));
SHAPE(annotation, "an annotation", NULL, { "timestamp", WANT_DATE, true, NULL, NULL, 0 }, MUST_TEXT("text"));

static const Member document_members[] = {
  { "serialNumber", WANT_URN, false, NULL, NULL, 0 }, { "version", WANT_WHOLE, true, NULL, NULL, 4 },
  OBJECT("metadata", metadata), LIST("components", component), LIST("services", service),
  LIST("externalReferences", reference), LIST("dependencies", dependency), LIST("compositions", composition),
  LIST("vulnerabilities", vulnerability), LIST("citations", citation), LIST("annotations", annotation),
  LIST("properties", property),
};
static const Shape document = { "the document", document_members, COUNT(document_members), NULL };

bool cyclonedx_type_known(Str type, unsigned version) { return word_known(&component_types, type, version); }
bool cyclonedx_phase_known(Str phase) { return word_known(&phases, phase, 7); }

void cyclonedx_judge(Reading *r, JVal *root) {
  int64_t minor = 0;
  (void)str_int(str_slice(r->s->spec, 2, r->s->spec.n), &minor);
  Judge j = { r, (unsigned)minor, !str_eq(r->s->encoding, S("json")) };
  shape_judge(&j, &document, root, &(Path){ NULL, "", 0 });
}
