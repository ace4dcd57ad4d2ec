/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/layout/marks.h"

#include <stdbool.h>
#include <string.h>

/* False of NaN, too. */
static bool within(float value, float least, float most)
{
	return value >= least && value <= most;
}

const char *zi_mark_fault(const struct zoe_mark *mark)
{
	bool sized = mark->kind == ZOE_MARK_BOX || mark->kind == ZOE_MARK_LINE;

	if (mark->kind > ZOE_MARK_TEXT)
		return "is of no known kind";
	if (!within(mark->score, 0, 1))
		return "has a score outside 0 to 1";
	if (!memchr(mark->label, '\0', sizeof(mark->label)))
		return "has a label without an end";
	if (!within(mark->x, -1, 2) || !within(mark->y, -1, 2) || !within(mark->width, -3, 3) ||
		!within(mark->height, -3, 3) || (sized && !within(mark->x + mark->width, -1, 2)) ||
		(sized && !within(mark->y + mark->height, -1, 2)))
		return "lies outside the picture: coordinates are fractions of its width and height, not pixels";
	if (mark->kind == ZOE_MARK_BOX && (mark->width < 0 || mark->height < 0))
		return "has a negative width or height";
	return NULL;
}
