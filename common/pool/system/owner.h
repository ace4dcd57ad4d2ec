/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose an object is. Who may write the reel decides what its readers see, and can cut it short under
 * them; so a pool is entered only where its objects are this user's, root's, or those of a user who was named,
 * or, where nobody was, who gave it to a group of this process's that they are in, too, and to no others (zi_access_is_given).
 * Root is no exception: what root may do is not what root trusts.
 *
 * Not looked at otherwise: the mode (who opens an object of one's own to others by hand means them), and how many
 * names it has (a member, who may write the seats, may give them another, and would keep everybody out by that).
 */
#ifndef ZI_OWNER_H
#define ZI_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

/* Room for a user's name, or number, with its end. A longer name is cut. */
#define ZI_USER_BYTES 40

/* Who is trusted beside this user and root. Zeroes: nobody. */
struct zi_owner {
	bool any;      /* everybody */
	bool has_user; /* this one: */
	uid_t user;
};

/* From an option: a name, a number, "any" or "*"; NULL: nobody. 0, or -EINVAL or -ENOMEM, with zoe_error() set. */
int zi_owner_read(struct zi_owner *owner, const char *text);

/* A user's or a group's number, from 0; the greatest means "none", and is none. False: it is no number. */
bool zi_owner_read_number(const char *text, id_t *id);

/* True for this user, as the process has it now, root, and whoever was named. */
bool zi_owner_is_trusted(const struct zi_owner *owner, uid_t user);

/* What this user is called; the number where that is not known. */
void zi_owner_name(char to[ZI_USER_BYTES], uid_t user);

/* -EPERM and the sentence that says whose the pool of this name is, and the way out. */
int zi_owner_fail(const char *pool, uid_t user);

#endif
