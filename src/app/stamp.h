/* stamp.h - the log's heads to an authority that says when they were there (RFC 3161), over the network. */
#pragma once
#include "app/app.h"

#define STAMP_STATE "timestamp.state" /* in the data folder, while the authority could not be reached */

/* How it stands with the last try.  failed 0: it went well, or there was none. */
typedef struct StampState {
  int64_t failed, tried_us, next_us;
  Str words;
} StampState;
void stamp_state(Cx *cx, const char *folder, StampState *out);

/* A process that may send a request; fork it before a store is open.  Timestamps are signed, so plain http will do. */
Err stamp_fetch(Cx *cx, const Settings *set, Fetch **out);
/* Sends the request that waits, or one over the last checkpoint, and has the writer take the reply when it answers the
 * request (imprint, nonce) and is signed under the roots in the data folder.  A request that could not be sent waits
 * in the store; the next try is later each time, up to six hours.  E_CONFIG: no address, or no roots.  E_CONFLICT: the
 * last checkpoint is stamped already. */
Err stamp_send(Cx *cx, Writer *w, Fetch *f, const char *folder, const Settings *set, const Ask *who, Timestamp *out);
/* Whether the server's own round is due: the last timestamp is old enough, and the pause after a failure over. */
Err stamp_due(Cx *cx, Store *s, const char *folder, const Settings *set, bool *due);
/* One line on how it stands, for doctor; false: somebody should look. */
bool stamp_words(Cx *cx, Store *s, const Settings *set, Str *words);
