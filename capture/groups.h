/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who else may read and look. Groups are looked up once, before the input is opened: the database may be
 * slow, or gone, by the time the stream changes and there is another pool to be made.
 */
#ifndef CAPTURE_GROUPS_H
#define CAPTURE_GROUPS_H

#include "settings.h"

/* Make numbers of the settings' groups, and see that a pool can be given to them. 0 or -errno, with zoe_error() set. */
int groups_prepare(struct settings *settings);

#endif
