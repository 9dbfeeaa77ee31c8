/* vex_write.h - what the writers of VEX share; inside of vuln. */
#pragma once
#include "vuln/vex.h"

typedef VEC(Str) VexTimes;               /* every distinct time of a line, ascending; at least one */
typedef void VexWriter(Cx *cx, JsonOut *o, const VexOut *v, const VexTimes *t);
VexWriter vex_write_openvex, vex_write_cyclonedx, vex_write_vdr, vex_write_csaf;

void vex_pair(JsonOut *o, const char *key, Str value);        /* nothing when the value is empty */
bool vex_is(Str s, const char *word);
Str vex_part(Cx *cx, const VexLine *l);                       /* package URL, else name@version */
size_t vex_run(const VexOut *v, size_t from);                 /* end of the lines that say the same from there on */
Str vex_action(const VexLine *l);                             /* what users do; never empty */
/* Words with blanks between them as strings; objects: as references to aliases. */
void vex_words(JsonOut *o, Str list, bool objects);
