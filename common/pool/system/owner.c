/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/system/owner.h"

#include <errno.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pool/system/error.h"

/* More than any entry of a password file has. */
#define ENTRY_BYTES 16384

bool zi_owner_read_number(const char *text, id_t *id)
{
	uint64_t number = 0;

	for (const char *c = text; *c; c++) {
		if (*c < '0' || *c > '9')
			return false;
		number = number * 10 + (uint64_t)(*c - '0');
		if (number >= (id_t)-1)
			return false;
	}
	*id = (id_t)number;
	return text[0] != '\0';
}

int zi_owner_read(struct zi_owner *owner, const char *text)
{
	struct passwd entry, *found = NULL;

	*owner = (struct zi_owner){ 0 };
	if (!text)
		return 0;
	owner->any = strcmp(text, "any") == 0 || strcmp(text, "*") == 0;
	if (owner->any)
		return 0;
	owner->has_user = zi_owner_read_number(text, &owner->user);
	if (owner->has_user)
		return 0;
	char *buffer = calloc(1, ENTRY_BYTES);
	if (!buffer)
		return zi_fail(ENOMEM, "out of memory");
	int error = getpwnam_r(text, &entry, buffer, ENTRY_BYTES, &found);
	if (found)
		*owner = (struct zi_owner){ .has_user = true, .user = entry.pw_uid };
	free(buffer);
	if (found)
		return 0;
	if (error == EMFILE || error == ENFILE || error == ENOMEM)
		return zi_fail(error, "cannot look up user '%.80s': %s", text, strerror(error));
	return zi_fail(EINVAL, "there is no user '%.80s': the owner of a pool is a name, a number, or any", text);
}

bool zi_owner_is_trusted(const struct zi_owner *owner, uid_t user)
{
	return user == 0 || user == geteuid() || owner->any || (owner->has_user && user == owner->user);
}

void zi_owner_name(char to[ZI_USER_BYTES], uid_t user)
{
	struct passwd entry, *found = NULL;
	char *buffer = calloc(1, ENTRY_BYTES);

	if (buffer && getpwuid_r(user, &entry, buffer, ENTRY_BYTES, &found) == 0 && found)
		snprintf(to, ZI_USER_BYTES, "%s", entry.pw_name);
	else
		snprintf(to, ZI_USER_BYTES, "%u", (unsigned)user);
	free(buffer);
}

int zi_owner_fail(const char *pool, uid_t user)
{
	char owner[ZI_USER_BYTES];

	zi_owner_name(owner, user);
	return zi_fail(EPERM, "pool '%s' is user %s's: --owner %s if you trust them", pool, owner, owner);
}
