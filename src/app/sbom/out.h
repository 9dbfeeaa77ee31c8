/* out.h - a stored SBOM as a file for others: what `sbom export` writes and the SBOM page offers. */
#pragma once
#include "app/app.h"

typedef struct SbomOut {
  const char *name;   /* "cyclonedx-1.6" */
  const char *label;  /* "CycloneDX 1.6" */
  const char *suffix; /* of the file: "cdx.json" */
  const char *media;
  Err (*write)(Cx *cx, Store *s, Str sbom, const struct SbomOut *what, Str *out);
} SbomOut;
extern const SbomOut sbom_outs[];
extern const size_t sbom_nouts;

/* E_USAGE names all there are. */
Err sbom_out_find(Cx *cx, Str name, const SbomOut **out);
/* The same store gives the same bytes.  E_NOTFOUND, E_TOO_LARGE. */
Err sbom_out_write(Cx *cx, Store *s, Str sbom, const SbomOut *what, Str *out);
