/* inside.h - the scales that the risk types share, ascending so that queries can say severity:>=s4. */
#pragma once
#include "record/record.h"
#include "risk/risk.h"

extern const char *const risk_severity[];         /* s1 negligible to s5 death */
extern const char *const risk_exploitability[];   /* e1 physical access and weeks to e5 remote and public */
extern const char *const risk_probability[];      /* p1 improbable to p5 frequent: causes without intent */
extern const char *const risk_level[];            /* low, medium, high */
extern const char *const risk_stride[];
extern const char *const risk_lifecycle[];        /* where in the life of the device a threat arises */
extern const char *const risk_reach[];            /* single, several, fleet */
extern const char *const risk_categories[];       /* the eight control categories of the FDA */

/* A level needs both of its inputs: adds a problem with the field that is missing. */
void risk_check_level(Cx *cx, const Value *likelihood, const Value *severity, const Value *level,
                      const char *likelihood_field, const char *level_field);
