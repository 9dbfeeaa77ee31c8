/* rules_cyclonedx.c - what CycloneDX 1.0 to 1.7 demands of the parts that are read, or that others will read.
 *
 * Lists of words are facts of the specification (ECMA-424 and its predecessors); the number beside a word is the
 * first minor version that has it. */
#include "supply/rules.h"

#define WORDS(name, what_it_is, ...)                                                                     \
  static const Word name##_list[] = { __VA_ARGS__ };                                                     \
  static const Words name = { what_it_is, name##_list, COUNT(name##_list) }

WORDS(component_types, "a type of component", { "application", 0 }, { "framework", 0 }, { "library", 0 },
      { "container", 2 }, { "platform", 5 }, { "operating-system", 0 }, { "device", 0 }, { "device-driver", 5 },
      { "firmware", 2 }, { "file", 1 }, { "machine-learning-model", 5 }, { "data", 5 }, { "cryptographic-asset", 6 });
WORDS(scopes, "a scope", { "required", 0 }, { "optional", 0 }, { "excluded", 1 });
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

WORDS(identity_fields, "a field of an identity", { "group", 0 }, { "name", 0 }, { "version", 0 }, { "purl", 0 },
      { "cpe", 0 }, { "omniborId", 6 }, { "swhid", 6 }, { "swid", 0 }, { "hash", 0 });
WORDS(techniques, "a technique of analysis", { "source-code-analysis", 0 }, { "binary-analysis", 0 },
      { "manifest-analysis", 0 }, { "ast-fingerprint", 0 }, { "hash-comparison", 0 }, { "instrumentation", 0 },
      { "dynamic-analysis", 0 }, { "filename", 0 }, { "attestation", 0 }, { "other", 0 });
WORDS(data_types, "a type of data", { "source-code", 0 }, { "configuration", 0 }, { "dataset", 0 },
      { "definition", 0 }, { "other", 0 });
WORDS(asset_types, "a type of cryptographic asset", { "algorithm", 0 }, { "certificate", 0 }, { "protocol", 0 },
      { "related-crypto-material", 0 });
WORDS(approaches, "an approach to learning", { "supervised", 0 }, { "unsupervised", 0 },
      { "reinforcement-learning", 0 }, { "semi-supervised", 0 }, { "self-supervised", 0 });
WORDS(task_types, "a type of task", { "copy", 0 }, { "clone", 0 }, { "lint", 0 }, { "scan", 0 }, { "merge", 0 },
      { "build", 0 }, { "test", 0 }, { "deliver", 0 }, { "deploy", 0 }, { "release", 0 }, { "clean", 0 },
      { "other", 0 });
WORDS(version_states, "a state of a version", { "affected", 0 }, { "unaffected", 0 }, { "unknown", 0 });

/* ---- shapes, from the leaves up ---- */

#define SHAPE(name, what_it_is, more_rules, ...)                                                         \
  static const Member name##_members[] = { __VA_ARGS__ };                                                \
  static const Shape name = { what_it_is, name##_members, COUNT(name##_members), more_rules, NULL }
#define CLOSED(name, what_it_is, more_rules, ...)                                                        \
  static const Member name##_members[] = { __VA_ARGS__ };                                                \
  static const Shape name = { what_it_is, name##_members, COUNT(name##_members), more_rules, &name##_names }
#define TEXT(n) { n, WANT_TEXT, false, NULL, NULL, 0 }
#define MUST_TEXT(n) { n, WANT_TEXT, true, NULL, NULL, 0 }
#define REF(n) { n, WANT_REF, false, NULL, NULL, 0 }
#define DATE(n) { n, WANT_DATE, false, NULL, NULL, 0 }
#define WORD(n, words) { n, WANT_WORD, false, NULL, &words, 0 }
#define MUST_WORD(n, words) { n, WANT_WORD, true, NULL, &words, 0 }
#define OBJECT(n, shape) { n, WANT_OBJECT, false, &shape, NULL, 0 }
#define LIST(n, shape) { n, WANT_LIST, false, &shape, NULL, 0 }
#define TEXTS(n) { n, WANT_TEXTS, false, NULL, NULL, 0 }
#define FLAG(n) { n, WANT_FLAG, false, NULL, NULL, 0 }

static void hash_rule(Judge *j, JVal *o, const Path *at) {
  Str alg = json_text(o, "alg"), content = json_text(o, "content");
  Str why = hash_fault(j->r->cx->arena, alg, content, j->version);
  if (alg.p && why.n) judge_error(j, at, NULL, "%.*s", STR(why));
}

/* Exactly one of the two; XML allows no more either, and up to 1.5 none. */
static void licence_rule(Judge *j, JVal *o, const Path *at) {
  bool id = json_get(o, "id") != NULL, name = json_get(o, "name") != NULL;
  if (!id && !name && j->loose && j->version < 6) judge_warn(j, at, NULL, S("a licence without \"id\" and \"name\""));
  else if (!id && !name) judge_error(j, at, NULL, "a licence must have \"id\" or \"name\"");
  if (id && name) judge_error(j, at, NULL, "a licence has \"id\" or \"name\", not both");
}

static void choice_rule(Judge *j, JVal *o, const Path *at) {
  bool licence = json_get(o, "license") != NULL, expression = json_get(o, "expression") != NULL;
  if (licence == expression && !j->loose)
    judge_error(j, at, NULL, "this must have either \"license\" or \"expression\"");
}

/* Up to 1.6 a list holds licences, or one expression and nothing else; the JSON schema says so since 1.5 only. */
static void licences_rule(Judge *j, JVal *o, const Path *at) {
  JVal *list = json_get(o, "licenses");
  size_t expressions = 0;
  JSON_EACH(v, list) expressions += json_get(v, "expression") != NULL;
  bool free = j->version >= 7 || (j->version < 5 && !j->loose);
  if (!free && expressions && yyjson_arr_size(list) > 1)
    judge_error(j, at, "licenses", "an expression stands beside other licences, which CycloneDX allows from 1.7 on");
}

/* What only the JSON is judged by: its XML has another shape, which is not read. */
static const Shape component_json, document_json;

static void component_rule(Judge *j, JVal *o, const Path *at) {
  licences_rule(j, o, at);
  if (!j->loose) shape_judge(j, &component_json, o, at);
  if (j->version == 0 && !json_get(o, "modified")) judge_error(j, at, "modified", "a component must have \"modified\"");
  if (!json_get(o, "versionRange")) return;
  if (json_get(o, "version")) judge_error(j, at, "versionRange", "a component has a version or a range, not both");
  if (!json_bool(o, "isExternal", false))
    judge_error(j, at, "versionRange", "a version range stands at a component that is not external");
}

static void citation_rule(Judge *j, JVal *o, const Path *at) {
  if ((json_get(o, "pointers") != NULL) == (json_get(o, "expressions") != NULL))
    judge_error(j, at, NULL, "a citation has either \"pointers\" or \"expressions\"");
  if (!j->loose && !json_get(o, "attributedTo") && !json_get(o, "process"))
    judge_error(j, at, NULL, "a citation must have \"attributedTo\" or \"process\"");
}

/* XML may have an empty one. */
static void attachment_rule(Judge *j, JVal *o, const Path *at) {
  if (!j->loose && !json_get(o, "content")) judge_error(j, at, "content", "an attachment must have \"content\"");
}

/* The schema names the format of a mail address without demanding it: no reason to refuse the whole. */
static void contact_rule(Judge *j, JVal *o, const Path *at) {
  Str mail = json_text(o, "email"), name, host;
  bool good = str_cut(mail, '@', &name, &host) && name.n && host.n && str_find_char(mail, ' ') == SIZE_MAX;
  if (mail.n && !good && !j->loose)
    judge_warn(j, at, "email", str_fmt(j->r->cx->arena, "\"%.*s\" is not a mail address", STR(str_head(mail, 60))));
}

CLOSED(hash, "a hash", hash_rule, MUST_TEXT("alg"), MUST_TEXT("content"));
CLOSED(attachment, "an attachment", attachment_rule, TEXT("content"), WORD("encoding", encodings), TEXT("contentType"));
CLOSED(contact, "a contact", contact_rule, REF("bom-ref"), TEXT("name"), TEXT("email"), TEXT("phone"));
CLOSED(organization, "an organization", NULL, REF("bom-ref"), TEXT("name"), TEXTS("url"), LIST("contact", contact));
CLOSED(licence, "a licence", licence_rule, REF("bom-ref"), { "id", WANT_LICENCE, false, NULL, NULL, 0 }, TEXT("name"),
      OBJECT("text", attachment), TEXT("url"), WORD("acknowledgement", acknowledgements));
CLOSED(choice, "an entry of \"licenses\"", choice_rule, OBJECT("license", licence), TEXT("expression"),
      WORD("acknowledgement", acknowledgements), REF("bom-ref"));
CLOSED(reference, "an external reference", NULL, MUST_TEXT("url"), MUST_WORD("type", reference_types), TEXT("comment"),
      LIST("hashes", hash));
static void property_rule(Judge *j, JVal *o, const Path *at) {
  if ((j->loose || j->version >= 6) && !json_get(o, "name")) judge_error(j, at, NULL, "a property must have \"name\"");
}

CLOSED(property, "a property", property_rule, TEXT("name"), TEXT("value"));
CLOSED(source, "a source", NULL, TEXT("name"), TEXT("url"));
CLOSED(issue, "an issue", NULL, MUST_WORD("type", issue_types), TEXT("id"), TEXT("name"), TEXT("description"),
      OBJECT("source", source), TEXTS("references"));
CLOSED(diff, "a diff", NULL, OBJECT("text", attachment), TEXT("url"));
CLOSED(patch, "a patch", NULL, MUST_WORD("type", patch_types), OBJECT("diff", diff), LIST("resolves", issue));
CLOSED(action, "an action", NULL, DATE("timestamp"), TEXT("name"), TEXT("email"));
CLOSED(commit, "a commit", NULL, TEXT("uid"), TEXT("url"), TEXT("message"), OBJECT("author", action),
       OBJECT("committer", action));
CLOSED(swid, "a SWID tag", NULL, MUST_TEXT("tagId"), MUST_TEXT("name"), TEXT("version"), OBJECT("text", attachment),
      TEXT("url"));

SHAPE(method, "a method of analysis", NULL, MUST_WORD("technique", techniques),
      { "confidence", WANT_SHARE, true, NULL, NULL, 0 });
CLOSED(identity, "an identity", NULL, MUST_WORD("field", identity_fields),
      { "confidence", WANT_SHARE, false, NULL, NULL, 0 }, LIST("methods", method));
CLOSED(copyright, "a copyright", NULL, MUST_TEXT("text"));
CLOSED(evidence, "\"evidence\"", NULL, { "identity", WANT_SOME, false, &identity, NULL, 0 }, LIST("licenses", choice),
      LIST("copyright", copyright));
CLOSED(notes, "\"releaseNotes\"", NULL, MUST_TEXT("type"), LIST("resolves", issue), LIST("properties", property));
CLOSED(data_set, "an entry of \"data\"", NULL, MUST_WORD("type", data_types), TEXT("name"));
CLOSED(crypto, "\"cryptoProperties\"", NULL, MUST_WORD("assetType", asset_types));
SHAPE(approach, "an approach", NULL, WORD("type", approaches));
SHAPE(parameters, "\"modelParameters\"", NULL, OBJECT("approach", approach));
CLOSED(card, "\"modelCard\"", NULL, REF("bom-ref"), OBJECT("modelParameters", parameters));
SHAPE(component_json, "a component", NULL, OBJECT("evidence", evidence),
      OBJECT("releaseNotes", notes), OBJECT("cryptoProperties", crypto), OBJECT("modelCard", card),
      LIST("data", data_set));

CLOSED(dependency, "a dependency", NULL, { "ref", WANT_REF, true, NULL, NULL, 0 }, TEXTS("dependsOn"),
      TEXTS("provides"));
static const Shape component;
SHAPE(pedigree, "a pedigree", NULL, LIST("ancestors", component), LIST("descendants", component),
      LIST("variants", component), LIST("commits", commit), LIST("patches", patch), TEXT("notes"));
static const Member component_members[] = {
  MUST_WORD("type", component_types),
  REF("bom-ref"),
  TEXT("mime-type"),
  FLAG("modified"),
  FLAG("isExternal"),
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
  LIST("dependencies", dependency),
  TEXTS("omniborId"),
  TEXTS("swhid"),
  TEXTS("tags"),
};
static const Shape component = { "a component", component_members, COUNT(component_members), component_rule,
                                 &component_names };

CLOSED(flow, "an entry of \"data\"", NULL, MUST_WORD("flow", flows), MUST_TEXT("classification"));
static const Shape service;
static const Member service_members[] = {
  REF("bom-ref"), MUST_TEXT("name"), TEXT("version"), TEXT("group"), TEXT("description"),
  OBJECT("provider", organization), TEXTS("endpoints"), FLAG("authenticated"), FLAG("x-trust-boundary"),
  LIST("data", flow), LIST("licenses", choice),
  LIST("externalReferences", reference), LIST("properties", property), LIST("services", service),
};
static const Shape service = { "a service", service_members, COUNT(service_members), licences_rule, &service_names };

/* One of the phases that the specification knows, or one of one's own with a name. */
static void lifecycle_rule(Judge *j, JVal *o, const Path *at) {
  if ((json_get(o, "phase") != NULL) == (json_get(o, "name") != NULL))
    judge_error(j, at, NULL, "a phase has either \"phase\" or \"name\"");
}

CLOSED(tool, "a tool", NULL, TEXT("vendor"), TEXT("name"), TEXT("version"), LIST("hashes", hash),
      LIST("externalReferences", reference));
CLOSED(toolbox, "\"tools\"", NULL, LIST("components", component), LIST("services", service));
static const Member tools_members[] = { { "tools", WANT_LIST, false, &tool, NULL, 0 },
                                        { "tools", WANT_OBJECT, false, &toolbox, NULL, 0 } };
static const Shape tools_listed = { "\"metadata\"", tools_members, 1, NULL, NULL };
static const Shape tools_boxed = { "\"metadata\"", tools_members + 1, 1, NULL, NULL };

/* A list up to 1.4; since 1.5 also an object of components and services. */
static void metadata_rule(Judge *j, JVal *o, const Path *at) {
  licences_rule(j, o, at);
  bool boxed = j->version >= 5 && yyjson_is_obj(json_get(o, "tools"));
  shape_judge(j, boxed ? &tools_boxed : &tools_listed, o, at);
}

CLOSED(lifecycle, "a phase", lifecycle_rule, WORD("phase", phases), TEXT("name"), TEXT("description"));
CLOSED(metadata, "\"metadata\"", metadata_rule, DATE("timestamp"), LIST("authors", contact),
      OBJECT("component", component), OBJECT("manufacture", organization), OBJECT("manufacturer", organization),
      OBJECT("supplier", organization), LIST("licenses", choice), LIST("properties", property),
      LIST("lifecycles", lifecycle));
CLOSED(composition, "a composition", NULL, MUST_WORD("aggregate", aggregates), REF("bom-ref"), TEXTS("assemblies"),
       TEXTS("dependencies"));
CLOSED(rating, "a rating", NULL, OBJECT("source", source), WORD("severity", severities), WORD("method", methods),
      TEXT("vector"), TEXT("justification"));
CLOSED(advisory, "an advisory", NULL, TEXT("title"), MUST_TEXT("url"));
CLOSED(analysis, "an analysis", NULL, WORD("state", states), WORD("justification", justifications),
      { "response", WANT_TEXTS, false, NULL, &responses, 0 }, TEXT("detail"), DATE("firstIssued"), DATE("lastUpdated"));
SHAPE(affected_version, "a version", NULL, TEXT("version"), TEXT("range"), WORD("status", version_states));
static void target_rule(Judge *j, JVal *o, const Path *at);
CLOSED(target, "an entry of \"affects\"", target_rule, { "ref", WANT_REF, true, NULL, NULL, 0 });
SHAPE(target_json, "an entry of \"affects\"", NULL, LIST("versions", affected_version));
static void target_rule(Judge *j, JVal *o, const Path *at) {
  if (!j->loose) shape_judge(j, &target_json, o, at);
}

static void vulnerability_rule(Judge *j, JVal *o, const Path *at) {
  uint32_t i = 0;
  Path list = { at, "cwes", 0 };
  JSON_EACH(cwe, json_get(o, "cwes")) {
    Path here = { &list, NULL, i++ };
    if (!j->loose && (!yyjson_is_int(cwe) || yyjson_get_sint(cwe) < 1))
      judge_error(j, &here, NULL, "a CWE must be a whole number from 1 on");
  }
}

CLOSED(vulnerability, "a vulnerability", vulnerability_rule, REF("bom-ref"), TEXT("id"), OBJECT("source", source),
       LIST("ratings", rating), TEXT("description"), TEXT("detail"), TEXT("recommendation"),
       OBJECT("analysis", analysis), LIST("affects", target), DATE("created"), DATE("published"), DATE("updated"),
       DATE("rejected"), LIST("advisories", advisory));
CLOSED(citation, "a citation", citation_rule, REF("bom-ref"), { "timestamp", WANT_DATE, true, NULL, NULL, 0 },
      TEXTS("pointers"), TEXTS("expressions"), TEXT("note"));
static void annotator_rule(Judge *j, JVal *o, const Path *at) {
  static const char *const kinds[] = { "organization", "individual", "component", "service" };
  size_t n = 0;
  for (size_t i = 0; i < COUNT(kinds); i++) n += json_get(o, kinds[i]) != NULL;
  if (n != 1) judge_error(j, at, NULL, "an annotator is an organization, an individual, a component or a service");
}

SHAPE(annotator, "an annotator", annotator_rule, OBJECT("organization", organization), OBJECT("individual", contact),
      OBJECT("component", component), OBJECT("service", service));
static void annotation_rule(Judge *j, JVal *o, const Path *at) {
  if (!j->loose && !json_get(o, "subjects")) judge_error(j, at, "subjects", "an annotation must have \"subjects\"");
}

CLOSED(annotation, "an annotation", annotation_rule, REF("bom-ref"), { "timestamp", WANT_DATE, true, NULL, NULL, 0 },
       MUST_TEXT("text"), TEXTS("subjects"),
       { "annotator", WANT_OBJECT, true, &annotator, NULL, 0 });

SHAPE(workflow, "a workflow", NULL, { "bom-ref", WANT_REF, true, NULL, NULL, 0 }, MUST_TEXT("uid"),
      { "taskTypes", WANT_TEXTS, true, NULL, &task_types, 0 });
CLOSED(formula, "a formula", NULL, LIST("components", component), LIST("services", service),
      LIST("workflows", workflow), LIST("properties", property));
SHAPE(anything, "this", NULL, REF("bom-ref"));
SHAPE(document_json, "the document", NULL, LIST("formulation", formula), OBJECT("declarations", anything),
      OBJECT("definitions", anything));

static void document_rule(Judge *j, JVal *o, const Path *at) {
  if (!j->loose) shape_judge(j, &document_json, o, at);
}

static const Member document_members[] = {
  { "serialNumber", WANT_URN, false, NULL, NULL, 0 }, { "version", WANT_WHOLE, true, NULL, NULL, 4 },
  OBJECT("metadata", metadata), { "components", WANT_LIST, true, &component, NULL, 1 }, LIST("services", service),
  LIST("externalReferences", reference), LIST("dependencies", dependency), LIST("compositions", composition),
  LIST("vulnerabilities", vulnerability), LIST("citations", citation), LIST("annotations", annotation),
  LIST("properties", property),
};
static const Shape document = { "the document", document_members, COUNT(document_members), document_rule,
                                &document_names };

bool cyclonedx_type_known(Str type, unsigned version) { return word_known(&component_types, type, version); }
bool cyclonedx_phase_known(Str phase) { return word_known(&phases, phase, 7); }

void cyclonedx_judge(Reading *r, JVal *root) {
  int64_t minor = 0;
  (void)str_int(str_slice(r->s->spec, 2, r->s->spec.n), &minor);
  bool json = str_eq(r->s->encoding, S("json")), table = str_eq(r->s->encoding, S("csv"));
  Judge j = { r, (unsigned)minor, !json, table };
  shape_judge(&j, &document, root, &(Path){ NULL, "", 0 });
}
