/* flow.c - A communication path between two elements, with the data that the FDA asks for each path. */
#include "record/record.h"

static const char *const direction[] = { "one_way", "both_ways", NULL };
static const char *const carries_kind[] = { "data", "commands", "code", NULL };
static const char *const stride_none[] = { "tampering", "information_disclosure", "denial_of_service", NULL };

enum { F_DIRECTION, F_PROTOCOL, F_CHANNEL, F_DATA, F_CARRIES_KIND, F_AUTHENTICATION, F_ENCRYPTION,
       F_INTEGRITY, F_SESSION, F_CREDENTIALS, F_ACCESS, F_HEALTH_DATA, F_SAFETY_RELEVANT, F_STRIDE_NONE,
       F_STRIDE_NONE_REASON, F_FLOWS_FROM, F_FLOWS_TO, F_CROSSES, F_CARRIES };
static const Field fields[] = {
  [F_DIRECTION] = { "direction", "Direction", CHOICE, REQUIRED, .choices = direction,
    .help = "From the first to the second element, or both ways." },
  [F_PROTOCOL] = { "protocol", "Protocol", TEXT, 0, .help = "With its version." },
  [F_CHANNEL] = { "channel", "Port or channel", TEXT, 0, .help = "Port, radio channel, connector." },
  [F_DATA] = { "data", "Data", TEXT, 0, .help = "What is carried: data, commands or code." },
  [F_CARRIES_KIND] = { "carries_kind", "Carries", CHOICE, MANY, .choices = carries_kind,
    .help = "All that apply." },
  [F_AUTHENTICATION] = { "authentication", "Authentication", TEXT, 0,
    .help = "How each end proves who it is. Empty means that nobody has answered." },
  [F_ENCRYPTION] = { "encryption", "Encryption", TEXT, 0, .help = "Method, key use and length." },
  [F_INTEGRITY] = { "integrity", "Integrity", TEXT, 0, .help = "How a change on the way is noticed." },
  [F_SESSION] = { "session", "Session", TEXT, 0,
    .help = "How it is set up, ended and what happens when it breaks." },
  [F_CREDENTIALS] = { "credentials", "Credentials", TEXT, 0,
    .help = "Where they come from, how they are stored, renewed and revoked." },
  [F_ACCESS] = { "access", "Access", TEXT, 0, .help = "Roles that may use it and how that is enforced." },
  [F_HEALTH_DATA] = { "health_data", "Carries health data", BOOL, 0,
    .help = "Any data about an identifiable patient." },
  [F_SAFETY_RELEVANT] = { "safety_relevant", "Affects safety", BOOL, 0,
    .help = "Wrong, late or missing data could harm." },
  [F_STRIDE_NONE] = { "stride_none", "Considered without a threat", CHOICE, MANY, .choices = stride_none,
    .help = "STRIDE categories that were analysed and gave no threat here." },
  [F_STRIDE_NONE_REASON] = { "stride_none_reason", "Why no threat", LONG, 0,
    .help = "The reason for each category ticked above." },
  [F_FLOWS_FROM] = { "flows_from", "From", LINK, 0, .min = 1, .to = "element", .help = "Where it starts." },
  [F_FLOWS_TO] = { "flows_to", "To", LINK, 0, .min = 1, .to = "element", .help = "Where it ends." },
  [F_CROSSES] = { "crosses", "Crosses", LINK, MANY, .to = "zone",
    .help = "Trust boundaries between its ends." },
  [F_CARRIES] = { "carries", "Carries assets", LINK, MANY, .to = "asset",
    .help = "Assets that travel on it." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_STRIDE_NONE].list.n > 0 && !v[F_STRIDE_NONE_REASON].set)
    problem(cx, S("stride_none_reason"), "required",
            "Say why the categories ticked above give no threat here.");
  if (v[F_FLOWS_FROM].links.n == 1 && v[F_FLOWS_TO].links.n == 1 &&
      str_eq(v[F_FLOWS_FROM].links.p[0].to, v[F_FLOWS_TO].links.p[0].to))
    problem(cx, S("flows_to"), "same", "A flow joins two different elements.");
  return E_OK;
}

const RecordType record_flow = {
  "flow", "Data flow", "Data flows", "FLOW", "design", &life_item,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "A communication path between two elements, with the data that the FDA asks for each path.",
};
