/* write.h - between write.c and the writers of the two formats. */
#pragma once
#include "supply/inside.h"

Err cyclonedx_write(Cx *cx, const Sbom *s, unsigned version, Buf *out);      /* JSON, 1.`version` */
Err spdx_write(Cx *cx, const Sbom *s, Buf *out);                             /* JSON, 2.3 */
bool is_licence_expression(Arena *a, Str s);
/* Whether the source package is known and does not stand in the package URL. */
bool upstream_is_unsaid(Cx *cx, const SbomComponent *c);
/* The words of licences by their id. */
typedef struct LicenceTexts { const Sbom *s; Map at; } LicenceTexts;
LicenceTexts licence_texts(Cx *cx, const Sbom *s);
const SbomLicence *licence_find(const LicenceTexts *t, Str id);      /* NULL: none */
Str id_chars(Arena *a, Str s);                                       /* letters, digits, . and - */
Str licence_ref(Arena *a, Str name);                                 /* LicenseRef- and what may follow it */
/* What the other format has no place for is counted, and the file says so: STR_NONE, or
 * "Left out, since SPDX 2.3 has no place for it: 3 hashes, 1 scope". */
typedef struct Lost { size_t hashes, types, scopes, identifiers; } Lost;
Str lost_words(Cx *cx, const Lost *lost, const char *format);
/* Takes "SHA-1:ab12" off a component's hashes. */
bool hash_next(Str *rest, Str *alg, Str *content);
