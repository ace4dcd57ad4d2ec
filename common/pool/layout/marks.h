/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ZI_MARKS_H
#define ZI_MARKS_H

#include <zoetrope/result.h>

/* NULL: a mark as result.h describes it. Otherwise what is wrong with it, in a few words. */
const char *zi_mark_fault(const struct zoe_mark *mark);

#endif
