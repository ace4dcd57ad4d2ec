/* SPDX-License-Identifier: BSD-2-Clause */
/* The lock of a name: one has it, who dies leaves it to the next, and nobody else's file is taken for it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "pool/registry/name_lock.h"
#include "pool/system/object.h"
#include "support/child.h"
#include "support/name.h"

static char name[ZOE_NAME_BYTES], path[ZI_PATH_BYTES];

static void begin(void)
{
	own_pool_name(name, "name-lock");
	zi_object_path(path, name, ZI_LOCK);
}

static void end(void)
{
	unlink(path);
}

TestSuite(name_lock, .init = begin, .fini = end);

/* One at a time, for this user alone, and nothing is left. */
Test(name_lock, one_at_a_time)
{
	struct stat status;
	umask(0);
	int fd = zi_name_lock(name);
	cr_assert(fd >= 0 && fstat(fd, &status) == 0 && (status.st_mode & 0777) == 0600 && status.st_size == 0);
	cr_assert(zi_name_lock(name) == -EBUSY && !zi_name_lock_sweep(name));
	zi_name_unlock(fd, name);
	cr_assert(access(path, F_OK) != 0);
	fd = zi_name_lock(name);
	cr_assert(fd >= 0);
	zi_name_unlock(fd, name);
}

/* What somebody who died left is taken by the next, or swept. */
Test(name_lock, left_by_the_dead)
{
	close(zi_name_lock(name));
	cr_assert(access(path, F_OK) == 0);
	int fd = zi_name_lock(name);
	cr_assert(fd >= 0);
	zi_name_unlock(fd, name);
	cr_assert(access(path, F_OK) != 0 && !zi_name_lock_sweep(name));
	close(zi_name_lock(name));
	cr_assert(zi_name_lock_sweep(name) && access(path, F_OK) != 0);
}

static bool is_late;
int __real_zi_lock_take(int fd, unsigned byte);
int __wrap_zi_lock_take(int fd, unsigned byte);

/* Who had the lock removes it between another's look at the name and its try. */
int __wrap_zi_lock_take(int fd, unsigned byte)
{
	if (is_late) {
		is_late = false;
		unlink(path);
	}
	return __real_zi_lock_take(fd, byte);
}

/* Who has locked a file that was removed meanwhile does not have the lock by that. */
Test(name_lock, removed_meanwhile)
{
	close(zi_name_lock(name));
	is_late = true;
	int fd = zi_name_lock(name);
	cr_assert(fd >= 0 && !is_late && access(path, F_OK) == 0, "a lock without a name keeps nobody");
	cr_assert(zi_name_lock(name) == -EBUSY);
	zi_name_unlock(fd, name);
}

static atomic_int n_holders, n_together;

/* Have it now and then; another may be at it, or may only sweep. */
static void *have_often(void *unused)
{
	for (int n = 0; n < 100;) {
		int fd = zi_name_lock(name);
		if (fd < 0) {
			cr_assert(fd == -EBUSY, "%s", strerror(-fd));
			zi_name_lock_sweep(name);
			continue;
		}
		if (atomic_fetch_add(&n_holders, 1) > 0)
			atomic_fetch_add(&n_together, 1);
		sched_yield();
		atomic_fetch_sub(&n_holders, 1);
		zi_name_unlock(fd, name);
		n++;
	}
	return unused;
}

/* However they come in between each other's open, lock, link and unlink, never two have it. */
Test(name_lock, many_at_once, .timeout = 20)
{
	pthread_t threads[4];

	for (unsigned i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
		cr_assert(pthread_create(&threads[i], NULL, have_often, NULL) == 0);
	for (unsigned i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
		pthread_join(threads[i], NULL);
	cr_assert(n_together == 0, "%d times", n_together);
	cr_assert(access(path, F_OK) != 0);
}

/* Another user's file, or what is no file, is not waited for and not removed. */
Test(name_lock, not_ours)
{
	cr_assert(mkfifo(path, 0600) == 0 && zi_name_lock(name) == -ENOTUNIQ && !zi_name_lock_sweep(name));
	unlink(path);
	cr_assert(symlink("/dev/null", path) == 0 && zi_name_lock(name) == -ENOTUNIQ);
	unlink(path);
	cr_assert(mkdir(path, 0700) == 0 && zi_name_lock(name) == -ENOTUNIQ);
	cr_assert(zi_name_lock_fail(name) == -EACCES && strstr(zoe_error(), ".lock exists and is no lock"));
	rmdir(path);
	if (getuid() != 0)
		cr_skip_test("only root can become another user");
	close(zi_name_lock(name));
	cr_assert(chmod(path, 0666) == 0);
	struct zoe_cleaned cleaned;
	int status;
	pid_t child = child_fork();
	if (child == 0)
		_exit(setuid(1) || zi_name_lock(name) != -ENOTUNIQ || zi_name_lock_sweep(name) ||
			zi_name_lock_fail(name) != -EACCES ||
			!strstr(zoe_error(), ".lock exists, and is user root's") ||
			zoe_pool_clean(name, &cleaned) != -EACCES);
	cr_assert(waitpid(child, &status, 0) == child && status == 0 && access(path, F_OK) == 0);
}

/* Of root's making it is the pool's user's, who could not remove it otherwise. */
Test(name_lock, made_by_root)
{
	struct stat status;
	if (getuid() != 0)
		cr_skip_test("only root cleans for others");
	int reel = zi_object_create();
	cr_assert(fchown(reel, 1, 1) == 0 && zi_object_link(reel, name, ZI_REEL) == 0);
	int fd = zi_name_lock(name);
	zi_object_unlink(reel, name, ZI_REEL);
	cr_assert(fd >= 0 && fstat(fd, &status) == 0 && status.st_uid == 1);
	zi_name_unlock(fd, name);
	close(reel);
}
