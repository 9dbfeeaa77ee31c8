/* rule.h - by which rule an advisory's word was found: its name, and what a reason says of it. */
#pragma once
#include "base/base.h"

/* words: between the version and the range; none: "is in", or "is not in" when it is not affected. */
#define RULES(X)                                                                                             \
  X(RULE_NONE, "", "")                                                                                     \
  X(RULE_RANGE, "range", "")                                                                               \
  X(RULE_PLATFORM, "platform", "")                                                                         \
  X(RULE_LISTED, "listed-version", "is a listed version:")                                                   \
  X(RULE_GIT, "git-only", "cannot be judged without the repository:")                                        \
  X(RULE_ORDER, "version-order", "cannot be compared under this order:")                                     \
  X(RULE_EPOCH, "epoch", "has no epoch in the inventory, and it decides:")                                   \
  X(RULE_RELEASE, "release", "has no package release in the inventory, and it decides:")                     \
  X(RULE_DISTRO, "distribution-release", "has no distribution release in the inventory, and releases differ:") \
  X(RULE_UNKNOWN, "status-unknown", "is not known to be affected or not:")                                   \
  X(RULE_SUBSET, "subset-identity", "has a less specific name than this entry:")                             \
  X(RULE_UNVERSIONED, "unversioned-entry", "is named without any version, so nobody said which are affected:") \
  X(RULE_NAME, "free-text", "has the same name in words, to be confirmed:")                                  \
  X(RULE_SAID_SAFE, "said-not-affected", "is said not to be affected:")                                      \
  X(RULE_OTHER, "other-product", "is another product of that name:")

typedef enum Rule {
#define X(id, name, words) id,
  RULES(X)
#undef X
} Rule;
