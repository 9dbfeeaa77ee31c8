/* conflict.h - the form of somebody whose record was saved by another meanwhile. */
#pragma once
#include "app/page/record.h"

/* What only the other changed is taken into the form, what only this person changed stays; where both did, both stand
 * side by side in *out with a choice.  base: the revision that this person began with. */
Err conflict_merge(Cx *cx, Web *web, const Record *base, const Record *now, Form *form, Html *out);
/* Puts the present value where this person chose it ("pick-FIELD=now"). */
void conflict_pick(Cx *cx, const Record *now, Form *form);
/* How a value stands in a text input: links and lists as people type them. */
Str record_input_text(Cx *cx, const Field *f, const Value *v);
