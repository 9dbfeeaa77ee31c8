/* release.c - A version of the product or of one of its software items, with everything needed to
 * build, identify and support it. */
#include "record/record.h"

static const char *const item[] = { "system", "firmware", "app", "gateway", "cloud", "other", NULL };
static const char *const safety_class[] = { "a", "b", "c", NULL };
static const char *const udi_decision[] = { "new_di", "same_di", "not_a_device", NULL };

enum { F_VERSION, F_ITEM, F_SAFETY_CLASS, F_BUILD_HASH, F_UDI_PI, F_SOURCE_TAG, F_TOOLCHAIN, F_SIGNING_KEY,
       F_UDI_DECISION, F_UDI_REASON, F_MARKETS, F_RELEASED_ON, F_SUPPORT_END, F_NOTES, F_KNOWN_ANOMALIES,
       F_GATE_RESULT,
       F_PART_OF, F_SUPERSEDES, F_CONTAINS, F_CHANGES };
static const Field fields[] = {
  [F_VERSION] = { "version", "Version", TEXT, REQUIRED, .max = 80,
    .help = "As the device or the item reports it." },
  [F_ITEM] = { "item", "Software item", CHOICE, REQUIRED, .choices = item,
    .help = "The whole system, or the item that this release is of." },
  [F_SAFETY_CLASS] = { "safety_class", "Software safety class", CHOICE, 0, .choices = safety_class,
    .help = "IEC 62304 class of what is released." },
  [F_BUILD_HASH] = { "build_hash", "Build hash", TEXT, 0,
    .help = "SHA-256 of the image; the SBOM is bound by it." },
  [F_UDI_PI] = { "udi_pi", "UDI-PI", TEXT, 0, .help = "Production identifier: software version, lot." },
  [F_SOURCE_TAG] = { "source_tag", "Source tag", TEXT, 0, .help = "The tag or commit that rebuilds it." },
  [F_TOOLCHAIN] = { "toolchain", "Tool chain", TEXT, 0,
    .help = "Compiler, builder image and their versions." },
  [F_SIGNING_KEY] = { "signing_key", "Signing key", TEXT, 0,
    .help = "Name of the key in the signing service." },
  [F_UDI_DECISION] = { "udi_decision", "UDI decision", CHOICE, 0, .choices = udi_decision,
    .help = "Whether this release needs a new device identifier." },
  [F_UDI_REASON] = { "udi_reason", "Reason of the UDI decision", TEXT, 0, .help = "One line." },
  [F_MARKETS] = { "markets", "Markets", TEXT, MANY, .help = "Where it is placed." },
  [F_RELEASED_ON] = { "released_on", "Released on", DATE, 0, .help = "Empty until it is released." },
  [F_SUPPORT_END] = { "support_end", "Support ends", DATE, 0,
    .help = "Last day of security updates for this release." },
  [F_NOTES] = { "notes", "Release notes", LONG, 0, .help = "What changed and why, for users." },
  [F_KNOWN_ANOMALIES] = { "known_anomalies", "Known anomalies", LONG, 0,
    .help = "Or a signed statement that there are none." },
  [F_GATE_RESULT] = { "gate_result", "Gate", TEXT, NOTE,
    .help = "Which check was run before release, when, and what it showed." },
  [F_PART_OF] = { "part_of", "Part of release", LINK, MANY, .to = "release",
    .help = "The system release that contains this item." },
  [F_SUPERSEDES] = { "supersedes", "Supersedes", LINK, MANY, .to = "release",
    .help = "The release that it replaces." },
  [F_CONTAINS] = { "contains", "Runs on elements", LINK, MANY, .to = "element",
    .help = "Elements that this item is installed on." },
  [F_CHANGES] = { "changes", "Implements changes", LINK, MANY, .to = "change",
    .help = "Change requests that went into it." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_RELEASED_ON].set && v[F_SUPPORT_END].set && v[F_SUPPORT_END].i < v[F_RELEASED_ON].i)
    problem(cx, S("support_end"), "order", "Support ends before the release date.");
  if (v[F_BUILD_HASH].set && v[F_BUILD_HASH].s.n != 64)
    problem(cx, S("build_hash"), "format",
            "A SHA-256 has 64 hexadecimal digits; this has %zu.", v[F_BUILD_HASH].s.n);
  return E_OK;
}

static const Guard guards[] = {
  { "freeze", GUARD_FIELD, "build_hash", .words = "What is frozen is named by the hash of its build." },
  { "freeze", GUARD_FIELD, "source_tag", .words = "The source that it is built from is named." },
  { "release", GUARD_GATE, .words = "The last check of the product shows no open blocker." },
};

const RecordType record_release = {
  "release", "Release", "Releases", "REL", "design", &life_release,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD) | ROLE(QA_MANAGER), ROWS(fields), .check = check,
  .help = "A version of the product or of one of its software items, with everything needed to build, "
          "identify and support it.", ROWS(guards),
};
