/* rules_names.c - the members that each part of a CycloneDX document may have; it has no others.
 *
 * The number beside a name is the first minor version that has it.  Frequent names stand first: they are looked for in
 * this order. */
#include "supply/rules.h"

#define NAMES(part, ...)                                                                                 \
  static const Word part##_list[] = { __VA_ARGS__ };                                                     \
  const Words part##_names = { NULL, part##_list, COUNT(part##_list) }

NAMES(document, { "bomFormat", 0 }, { "specVersion", 0 }, { "serialNumber", 0 }, { "version", 0 },
      { "metadata", 0 }, { "components", 0 }, { "dependencies", 0 }, { "services", 0 },
      { "externalReferences", 0 }, { "compositions", 3 }, { "vulnerabilities", 4 }, { "signature", 4 },
      { "annotations", 5 }, { "formulation", 5 }, { "properties", 5 }, { "declarations", 6 },
      { "definitions", 6 }, { "citations", 7 }, { "$schema", 0 });
NAMES(metadata, { "timestamp", 0 }, { "tools", 0 }, { "authors", 0 }, { "component", 0 },
      { "manufacture", 0 }, { "supplier", 0 }, { "licenses", 3 }, { "properties", 3 }, { "lifecycles", 5 },
      { "manufacturer", 6 }, { "distributionConstraints", 7 });
NAMES(component, { "type", 0 }, { "name", 0 }, { "version", 0 }, { "bom-ref", 0 }, { "purl", 0 },
      { "licenses", 0 }, { "group", 0 }, { "description", 0 }, { "hashes", 0 }, { "properties", 3 },
      { "externalReferences", 0 }, { "cpe", 0 }, { "scope", 0 }, { "supplier", 0 }, { "publisher", 0 },
      { "author", 0 }, { "evidence", 3 }, { "components", 0 }, { "copyright", 0 }, { "mime-type", 0 },
      { "swid", 0 }, { "modified", 0 }, { "pedigree", 0 }, { "releaseNotes", 4 }, { "signature", 4 },
      { "modelCard", 5 }, { "data", 5 }, { "manufacturer", 6 }, { "authors", 6 }, { "omniborId", 6 },
      { "swhid", 6 }, { "cryptoProperties", 6 }, { "tags", 6 }, { "versionRange", 7 }, { "isExternal", 7 },
      { "patentAssertions", 7 });
NAMES(service, { "bom-ref", 0 }, { "name", 0 }, { "version", 0 }, { "provider", 0 }, { "group", 0 },
      { "description", 0 }, { "endpoints", 0 }, { "authenticated", 0 }, { "x-trust-boundary", 0 },
      { "data", 0 }, { "licenses", 0 }, { "externalReferences", 0 }, { "services", 0 }, { "properties", 3 },
      { "releaseNotes", 4 }, { "signature", 4 }, { "trustZone", 5 }, { "tags", 6 },
      { "patentAssertions", 7 });
NAMES(organization, { "name", 0 }, { "url", 0 }, { "contact", 0 }, { "bom-ref", 5 }, { "address", 6 });
NAMES(contact, { "name", 0 }, { "email", 0 }, { "phone", 0 }, { "bom-ref", 5 });
NAMES(hash, { "alg", 0 }, { "content", 0 });
NAMES(licence, { "id", 0 }, { "name", 0 }, { "text", 0 }, { "url", 0 }, { "bom-ref", 5 },
      { "licensing", 5 }, { "properties", 5 }, { "acknowledgement", 6 });
NAMES(choice, { "license", 0 }, { "expression", 0 }, { "bom-ref", 5 }, { "acknowledgement", 6 },
      { "expressionDetails", 7 }, { "licensing", 7 }, { "properties", 7 });
NAMES(reference, { "url", 0 }, { "type", 0 }, { "comment", 0 }, { "hashes", 3 }, { "properties", 7 });
NAMES(property, { "name", 0 }, { "value", 0 });
NAMES(tool, { "name", 0 }, { "version", 0 }, { "vendor", 0 }, { "hashes", 0 }, { "externalReferences", 4 });
NAMES(toolbox, { "components", 5 }, { "services", 5 });
NAMES(lifecycle, { "phase", 0 }, { "name", 0 }, { "description", 0 });
NAMES(swid, { "tagId", 0 }, { "name", 0 }, { "version", 0 }, { "tagVersion", 0 }, { "patch", 0 },
      { "text", 0 }, { "url", 0 });
NAMES(commit, { "uid", 0 }, { "url", 0 }, { "author", 0 }, { "committer", 0 }, { "message", 0 });
NAMES(action, { "timestamp", 0 }, { "name", 0 }, { "email", 0 });
NAMES(patch, { "type", 0 }, { "diff", 0 }, { "resolves", 0 });
NAMES(diff, { "text", 0 }, { "url", 0 });
NAMES(issue, { "type", 0 }, { "id", 0 }, { "name", 0 }, { "description", 0 }, { "source", 0 },
      { "references", 0 });
NAMES(source, { "name", 0 }, { "url", 0 });
NAMES(attachment, { "content", 0 }, { "contentType", 0 }, { "encoding", 0 });
NAMES(dependency, { "ref", 0 }, { "dependsOn", 0 }, { "provides", 6 });
NAMES(composition, { "aggregate", 0 }, { "assemblies", 0 }, { "dependencies", 0 }, { "signature", 4 },
      { "bom-ref", 5 }, { "vulnerabilities", 5 });
NAMES(vulnerability, { "id", 0 }, { "bom-ref", 0 }, { "source", 0 }, { "references", 0 }, { "ratings", 0 },
      { "cwes", 0 }, { "description", 0 }, { "detail", 0 }, { "recommendation", 0 }, { "advisories", 0 },
      { "created", 0 }, { "published", 0 }, { "updated", 0 }, { "credits", 0 }, { "tools", 0 },
      { "analysis", 0 }, { "affects", 0 }, { "properties", 0 }, { "workaround", 5 },
      { "proofOfConcept", 5 }, { "rejected", 5 });
NAMES(analysis, { "state", 0 }, { "justification", 0 }, { "response", 0 }, { "detail", 0 },
      { "firstIssued", 5 }, { "lastUpdated", 5 });
NAMES(target, { "ref", 0 }, { "versions", 0 });
NAMES(rating, { "source", 0 }, { "score", 0 }, { "severity", 0 }, { "method", 0 }, { "vector", 0 },
      { "justification", 0 });
NAMES(advisory, { "title", 0 }, { "url", 0 });
NAMES(notes, { "type", 0 }, { "title", 0 }, { "featuredImage", 0 }, { "socialImage", 0 },
      { "description", 0 }, { "timestamp", 0 }, { "aliases", 0 }, { "tags", 0 }, { "resolves", 0 },
      { "notes", 0 }, { "properties", 0 });
NAMES(flow, { "flow", 0 }, { "classification", 0 }, { "name", 5 }, { "description", 5 },
      { "governance", 5 }, { "source", 5 }, { "destination", 5 });
NAMES(evidence, { "licenses", 0 }, { "copyright", 0 }, { "identity", 5 }, { "occurrences", 5 },
      { "callstack", 5 });
NAMES(copyright, { "text", 0 });
NAMES(identity, { "field", 0 }, { "confidence", 0 }, { "methods", 0 }, { "tools", 0 },
      { "concludedValue", 6 });
NAMES(annotation, { "text", 0 }, { "timestamp", 0 }, { "subjects", 0 }, { "annotator", 0 },
      { "bom-ref", 0 }, { "signature", 0 });
NAMES(formula, { "bom-ref", 0 }, { "components", 0 }, { "services", 0 }, { "workflows", 0 },
      { "properties", 0 });
NAMES(data_set, { "type", 0 }, { "name", 0 }, { "bom-ref", 0 }, { "contents", 0 }, { "classification", 0 },
      { "sensitiveData", 0 }, { "graphics", 0 }, { "description", 0 }, { "governance", 0 });
NAMES(crypto, { "assetType", 0 }, { "algorithmProperties", 0 }, { "certificateProperties", 0 },
      { "relatedCryptoMaterialProperties", 0 }, { "protocolProperties", 0 }, { "oid", 0 });
NAMES(card, { "bom-ref", 0 }, { "modelParameters", 0 }, { "quantitativeAnalysis", 0 },
      { "considerations", 0 }, { "properties", 0 });
NAMES(citation, { "bom-ref", 0 }, { "pointers", 0 }, { "expressions", 0 }, { "timestamp", 0 },
      { "attributedTo", 0 }, { "process", 0 }, { "note", 0 }, { "signature", 0 });
