/* settings.h - one table of settings: it feeds the file, --set, the environment, the manual. */
#pragma once
#include "base/cx.h"

/* name, default, least, most, help.  Text settings have least = most = 0. */
#define SETTINGS(X)                                                                                                  \
  X(SET_LISTEN, "listen", "127.0.0.1:8400", 0, 0, "address and port of the web server")                              \
  X(SET_WORKERS, "workers", "2", 1, 64, "web worker processes")                                                      \
  X(SET_SBOM_BYTES, "sbom_max_bytes", "67108864", 1024, 1073741824, "largest SBOM that is read")                     \
  X(SET_SBOM_COMPONENTS, "sbom_max_components", "200000", 1, 2000000, "most components of one SBOM")                 \
  X(SET_BODY_BYTES, "body_max_bytes", "1048576", 1024, 16777216, "largest form or JSON body")                        \
  X(SET_SESSION_IDLE_S, "session_idle_s", "1800", 60, 86400, "seconds until an idle session ends")                   \
  X(SET_SESSION_MAX_S, "session_max_s", "36000", 300, 86400, "seconds until any session ends")                       \
  X(SET_ARGON_KIB, "argon_kib", "65536", 19456, 1048576, "memory of one password hash, KiB")                         \
  X(SET_ARGON_PASSES, "argon_passes", "3", 2, 16, "passes of one password hash")                                     \
  X(SET_GROUP_MAX, "group_max", "64", 1, 1024, "commands in one commit")                                             \
  X(SET_GROUP_US, "group_us", "2000", 0, 100000, "longest wait for a fuller commit, us")                             \
  X(SET_FACTOR, "second_factor_required", "yes", 0, 1, "no: who has no second factor signs with the password")       \
  X(SET_CLOCK_ALONE_H, "clock_alone_h", "24", 0, 8760, "hours without a time service until signing waits; 0: any") \
  X(SET_PROXY, "behind_proxy", "0", 0, 1, "1: a TLS proxy stands in front and is believed")                          \
  X(SET_PAGE_ROWS, "page_rows", "100", 10, 1000, "rows of one list page")                                            \
  X(SET_COMPANY, "company", "", 0, 0, "name of the company")                                                         \
  X(SET_PUBLISHER, "publisher_name", "", 0, 0, "who signs what is published (VEX, advisories); empty: the company")  \
  X(SET_PUBLISHER_URL, "publisher_namespace", "", 0, 0, "https address that the publisher owns; CSAF names it")      \
  X(SET_PUBLISHER_KIND, "publisher_category", "vendor", 0, 0, "of CSAF: vendor coordinator discoverer other user")   \
  X(SET_FEED_PRIVATE, "feed_private_hosts", "", 0, 0, "host:port list: feeds that may lie in a private network")     \
  X(SET_FEED_CA, "feed_ca_file", "", 0, 0, "further root certificates for feeds, PEM")                               \
  X(SET_FEED_TRIES, "feed_tries", "5", 1, 20, "tries before a feed counts as not reachable")                         \
  X(SET_FEED_PAUSE_MS, "feed_pause_ms", "2000", 1, 600000, "pause before the second try, ms; doubled each time")     \
  X(SET_FEED_NVD_KEY, "feed_nvd_key", "", 0, 0, "key of the NVD API, if there is one")                               \
  X(SET_FEED_EVERY_MIN, "feed_every_min", "0", 0, 10080, "minutes between updates by the server; 0: none")           \
  X(SET_STAMP_URL, "timestamp_url", "", 0, 0, "authority (RFC 3161) that stamps the log; empty: none is asked")      \
  X(SET_STAMP_EVERY_MIN, "timestamp_every_min", "1440", 1, 525600, "minutes between timestamps")                     \
  X(SET_STAMP_RETRY_S, "timestamp_retry_s", "60", 1, 21600, "seconds to the second try; doubled up to six hours")    \
  X(SET_BACKUP_TO, "backup_to", "", 0, 0, "folder for backups, best on another machine")                             \
  X(SET_BACKUP_KEEP, "backup_keep", "30", 0, 100000, "newest backups that stay, and one a month; 0: all")            \
  X(SET_CLI_USER, "cli_user", "", 0, 0, "who the owner of the folder is on the command line")

typedef enum SettingId {
#define X(id, name, def, least, most, help) id,
  SETTINGS(X)
#undef X
  SETTING_COUNT
} SettingId;

typedef struct Settings { Str text[SETTING_COUNT]; int64_t number[SETTING_COUNT]; Str origin[SETTING_COUNT]; } Settings;

void settings_default(Settings *s);
/* One assignment.  E_CONFIG: unknown name (the nearest is named), not a number, out of range. */
Err settings_set(Cx *cx, Settings *s, Str name, Str value, Str origin);
/* A file of `name = value` lines, # comments.  E_CONFIG names file and line.  An absent file is fine. */
Err settings_file(Cx *cx, Settings *s, const char *path);
Err settings_env(Cx *cx, Settings *s);  /* PROOFLINE_NAME */
const char *setting_name(SettingId id);
const char *setting_help(SettingId id);
