/* slice.h - the exact bytes of values inside a JSON text that was read strictly already. */
#pragma once
#include "format/format.h"

/* Takes the next member (key as written, with its quotes) or item off *rest, which begins behind '{' or '['.
 * false at the end. */
bool slice_member(Str *rest, Str *key, Str *value);
bool slice_item(Str *rest, Str *value);
/* What stands between the brackets of an object's or array's text. */
Str slice_inside(Str text);
