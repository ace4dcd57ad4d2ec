/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/layout/name.h"

#include <string.h>

#define EPOCH_DIGITS 16

int zoe_name_valid(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	if (!name)
		return 0;
	size_t length = strlen(name);
	return length > 0 && length < ZOE_NAME_BYTES && strspn(name, allowed) == length;
}

bool zi_entry_parse(const char *text, struct zi_entry *entry)
{
	static const char prefix[] = "zoe.", digits[] = "0123456789abcdef";

	if (strncmp(text, prefix, sizeof(prefix) - 1))
		return false;
	text += sizeof(prefix) - 1;
	size_t length = strcspn(text, ".");
	if (length >= sizeof(entry->name))
		return false;
	*entry = (struct zi_entry){ .which = ZI_REEL };
	memcpy(entry->name, text, length);
	text += length;
	if (strncmp(text, ".", 1) == 0 && strspn(text + 1, digits) == EPOCH_DIGITS) {
		entry->is_temp = true;
		text += 1 + EPOCH_DIGITS;
	}
	if (strncmp(text, ".seats", 6) == 0) {
		entry->which = ZI_SEATS;
		text += 6;
	}
	if (!entry->is_temp && strcmp(text, ".lock") == 0) {
		entry->which = ZI_LOCK;
		text += 5;
	}
	return zoe_name_valid(entry->name) && strcmp(text, entry->is_temp ? ".tmp" : "") == 0;
}
