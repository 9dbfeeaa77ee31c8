/* write.h - between write.c and the writers of the two formats. */
#pragma once
#include "supply/inside.h"

Err cyclonedx_write(Cx *cx, const Sbom *s, unsigned version, Buf *out);      /* JSON, 1.`version` */
Err spdx_write(Cx *cx, const Sbom *s, Buf *out);                             /* JSON, 2.3 */
bool is_licence_expression(Arena *a, Str s);
/* Whether the source package is known and does not stand in the package URL. */
bool upstream_is_unsaid(Cx *cx, const SbomComponent *c);
/* Takes "SHA-1:ab12" off a component's hashes. */
bool hash_next(Str *rest, Str *alg, Str *content);
