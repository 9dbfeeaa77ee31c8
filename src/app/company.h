/* company.h - who we are, and the words that a new company's risk matrix begins with. */
#pragma once
#include "app/app.h"
#include "risk/risk.h"

/* Our own organisation record: the first that is a manufacturer; NODE_NONE: there is none. */
Node company_node(Cx *cx, const Graph *g);
/* The company's risk matrix, the newest; NODE_NONE: there is none. */
Node company_matrix(Cx *cx, const Graph *g);
/* The setting `company`; without one, the legal name in that record. */
Str company_name(Cx *cx, const Graph *g, const Settings *set);

typedef struct CompanyScales { RiskMatrix matrix; Str severity, exploitability, acceptability; } CompanyScales;
Err company_scales(Cx *cx, CompanyScales *out);   /* data/setup/scales.txt, data/triage/clinical.txt */
