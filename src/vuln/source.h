/* source.h - where advisories come from: one row per kind of source, and what one pull of it needs. */
#pragma once
#include "vuln/archive.h"

typedef struct Pull {
  Cx *cx;
  Fetch *fetch;                      /* NULL: only what lies on disk can be had */
  const Settings *set;
  Str name, url, scope;              /* of the source */
  Str cursor;                        /* what the last pull that was taken left; empty: none */
  int spool;                         /* where bodies go */
  /* what came of it */
  bool full, unchanged;              /* full: all that the source has; unchanged: it says that nothing is new */
  Str next;                          /* the new cursor */
  int64_t requests, bytes;
  void (*told)(const struct Pull *p); void *env;       /* after each body; NULL: nobody looks */
} Pull;

typedef struct SourceKind {
  const char *name;
  unsigned kinds;                    /* of records */
  const char *url, *scope;           /* usual ones */
  int max_age_days;                  /* newest record older than this: a feed from last year; 0: no limit */
  Err (*pull)(Pull *p);
  const char *help;
} SourceKind;
extern const SourceKind source_kinds[];
extern const size_t nsource_kinds;
const SourceKind *source_kind(Str name);               /* NULL: unknown */

/* ---- for the source_*.c files ---- */

enum { LIST_MOST = 256 << 20, RECORD_MOST = 16 << 20, DELTA_MOST = 2000 };
#define WHOLE_MOST ((int64_t)4 << 30)
/* Appends one body to the spool.  etag: of what is there; then p->unchanged may be set and nothing is appended. */
Err pull_file(Pull *p, Str url, int64_t most, Str etag, FetchAnswer *answer);
Err pull_text(Pull *p, Str url, int64_t most, Str *body);
Err pull_text_with(Pull *p, Str url, Str header, int64_t most, Str *body);
Err pull_put(Pull *p, Str name, Str bytes);            /* a body that is here already */
Str url_join(Cx *cx, Str base, Str tail);              /* one '/' between */
Str url_word(Cx *cx, Str s);                           /* percent-encoded */
/* "key a b" lines of a cursor. */
Str cursor_get(Str cursor, Str key);                   /* what stands behind the key; STR_NONE */
/* E_FEED when a list is empty or lost more than a twentieth since the last time. */
Err list_whole(Pull *p, Str what, int64_t now, int64_t before);
bool is_record_name(Str s);                            /* may stand in a URL as it is */

Err pull_plain(Pull *p);
Err pull_alpine(Pull *p);
Err pull_osv(Pull *p);
Err pull_nvd(Pull *p);
Err pull_nvd_feeds(Pull *p);
Err pull_cve(Pull *p);
Err pull_csaf(Pull *p);
Err pull_files(Pull *p);
