/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups: found by name and number, by several threads at once, and given an object. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "pool/system/access.h"
#include "pool/system/object.h"
#include "support/child.h"
#include "support/name.h"

TestSuite(access);

/* A name, a number that need not have a name, and what is neither. */
Test(access, names_and_numbers)
{
	const struct group *entry = getgrgid(0);
	gid_t group = 1;

	cr_assert(entry && zi_access_find_group(entry->gr_name, &group) == 0 && group == 0);
	cr_assert(zi_access_find_group("4000000000", &group) == 0 && group == 4000000000);
	cr_assert(zi_access_find_group("no such group", &group) == -ENOENT);
	cr_assert(zi_access_find_group("", &group) == -ENOENT && zi_access_find_group("-1", &group) == -ENOENT);
	cr_assert(zi_access_find_group("4294967295", &group) == -ENOENT, "which means that nothing is to change");
	cr_assert(zi_access_find_group("1x", &group) == -ENOENT);
}

struct job {
	const char *name;
	gid_t right;
	unsigned n_wrong;
};

static void *find_often(void *argument)
{
	struct job *job = argument;
	for (int i = 0; i < 5000; i++) {
		gid_t group;
		job->n_wrong += zi_access_find_group(job->name, &group) != 0 || group != job->right;
	}
	return NULL;
}

/* Two threads that look up different groups get each its own. */
Test(access, two_threads)
{
	static struct job jobs[] = { { .name = "daemon" }, { .name = "nogroup" } };
	pthread_t threads[2];

	for (int i = 0; i < 2; i++) {
		const struct group *entry = getgrnam(jobs[i].name);
		if (!entry)
			cr_skip_test("there is no group called %s", jobs[i].name);
		jobs[i].right = entry->gr_gid;
	}
	for (int i = 0; i < 2; i++)
		cr_assert(pthread_create(&threads[i], NULL, find_often, &jobs[i]) == 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	cr_assert(jobs[0].n_wrong == 0 && jobs[1].n_wrong == 0, "%u and %u", jobs[0].n_wrong, jobs[1].n_wrong);
}

/* Whatever the umask; with a second group, which reads by an access list; and with one group as both. */
Test(access, given)
{
	struct stat status;
	char list[128];

	if (getuid() != 0)
		cr_skip_test("only root may give any group access");
	umask(0777);
	int fd = zi_object_create();
	cr_assert(zi_access_give(fd, (gid_t[]){ 1 }, 1, true) == 0 && fstat(fd, &status) == 0);
	cr_assert(status.st_gid == 1 && (status.st_mode & 0777) == 0660);
	cr_assert(fgetxattr(fd, "system.posix_acl_access", list, sizeof(list)) < 0);
	cr_assert(zi_access_give(fd, (gid_t[]){ 2, 3 }, 2, false) == 0 && fstat(fd, &status) == 0);
	cr_assert(status.st_gid == 2 && (status.st_mode & 0777) == 0640);
	cr_assert(fgetxattr(fd, "system.posix_acl_access", list, sizeof(list)) == 4 + 5 * 8);
	cr_assert(zi_access_give(-1, (gid_t[]){ 1 }, 1, true) == -EBADF);
	close(fd);
}

/* True when somebody of this group alone may open the object of this name so; but nobody is given it by a list. */
static bool opens(const char *name, gid_t group, int flags)
{
	int status;
	pid_t child = child_fork();

	if (child == 0) {
		struct stat object;
		int fd = setgroups(0, NULL) || setgid(group) || setuid(2) ? -1 : zi_object_open(name, ZI_REEL, flags);
		_exit(fd < 0 || fstat(fd, &object) || zi_access_is_given(&object));
	}
	cr_assert(waitpid(child, &status, 0) == child);
	return status == 0;
}

/* A user that is in neither group lets both in all the same, and its own not. */
Test(access, groups_of_others)
{
	static const gid_t groups[] = { 2, 3 };
	char name[ZOE_NAME_BYTES];
	int status;

	if (getuid() != 0)
		cr_skip_test("only root can become another user");
	own_pool_name(name, "access");
	pid_t child = child_fork();
	if (child == 0) {
		int fd = setgroups(0, NULL) || setgid(4) || setuid(1) ? -1 : zi_object_create();
		_exit(fd < 0 || zi_access_give(fd, groups, 2, true) || zi_object_link(fd, name, ZI_REEL));
	}
	cr_assert(waitpid(child, &status, 0) == child);
	bool both = opens(name, 2, O_RDWR) && opens(name, 3, O_RDWR), own = opens(name, 4, O_RDONLY);
	int fd = zi_object_open(name, ZI_REEL, O_RDONLY);
	zi_object_unlink(fd, name, ZI_REEL);
	cr_assert(status == 0 && fd >= 0 && both && !own);
	close(fd);
}

/* By its group: to who is in that, and not if everybody may. */
Test(access, is_given)
{
	struct stat object = { .st_mode = S_IFREG | 0640, .st_gid = getegid() };
	cr_assert(zi_access_is_given(&object));
	object.st_mode = S_IFREG | 0600;
	cr_assert(!zi_access_is_given(&object));
	object.st_mode = S_IFREG | 0644;
	cr_assert(!zi_access_is_given(&object));
	object = (struct stat){ .st_mode = S_IFREG | 0660, .st_gid = 64010 };
	cr_assert(!zi_access_is_given(&object));
}
