/* cvss.h - a CVSS vector as read: for cvss.c and cvss4.c alone. */
#pragma once
#include "vuln/inside.h"

typedef enum CvssGroup { CVSS_BASE, CVSS_TEMPORAL, CVSS_ENVIRONMENTAL, CVSS_SUPPLEMENTAL, CVSS_GROUPS } CvssGroup;
enum { CVSS_MAX_METRICS = 32 };

typedef struct CvssVector {
  int value[CVSS_MAX_METRICS];       /* place of the value in the standard's list; absent[] when not defined */
  int absent[CVSS_MAX_METRICS];      /* place of "not defined", or -1 */
  bool seen[CVSS_MAX_METRICS];
  bool has[CVSS_GROUPS];             /* a metric of the group is defined */
} CvssVector;

/* Sets base (CVSS-B) and score (with threat and environmental metrics). */
void cvss4_score(const CvssVector *v, Cvss *c);
