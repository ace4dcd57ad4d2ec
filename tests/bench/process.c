/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program prints goes to memory files: it never waits for us, and nothing is left on disk. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/zoetrope.h>

#include "bench.h"
#include "support/child.h"

#define LOOK_MS 100 /* how often a wait looks whether to stop */
#define GRACE_NS INT64_C(3000000000)

static int find_in_path(const char *name, char *path, size_t n_bytes)
{
	const char *folder = getenv("PATH");
	while (folder) {
		size_t length = strcspn(folder, ":");
		snprintf(path, n_bytes, "%.*s/%s", (int)length, folder, name);
		if (length > 0 && access(path, X_OK) == 0)
			return 0;
		folder = folder[length] ? folder + length + 1 : NULL;
	}
	snprintf(path, n_bytes, "%s", name);
	return -ENOENT;
}

int process_find(const char *name, const char *folder, char *path, size_t n_bytes)
{
	char self[512];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;
	self[length > 0 ? length : 0] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return find_in_path(name, path, n_bytes);
	*slash = '\0';
	snprintf(path, n_bytes, "%s/%s", self, name);
	if (access(path, X_OK) == 0)
		return 0;
	snprintf(path, n_bytes, "%s/%s/%s", self, folder, name);
	return access(path, X_OK) == 0 ? 0 : find_in_path(name, path, n_bytes);
}

static _Noreturn void become(const struct process *process, const char *const *arguments)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	/* What comes from the keyboard is for us to hear; we stop it when we are ready. */
	setpgid(0, 0);
	if (dup2(nothing, STDIN_FILENO) < 0 || dup2(process->out, STDOUT_FILENO) < 0 ||
		dup2(process->err, STDERR_FILENO) < 0)
		_exit(127);
	execvp(arguments[0], (char *const *)(uintptr_t)arguments);
	dprintf(STDERR_FILENO, "%s\n", strerror(errno));
	_exit(127);
}

int process_start(struct process *process, const char *name, const char *const *arguments)
{
	*process = (struct process){ .name = name,
		.out = memfd_create(name, MFD_CLOEXEC),
		.err = memfd_create(name, MFD_CLOEXEC) };
	fflush(NULL);
	process->pid = process->out < 0 || process->err < 0 ? -1 : child_fork();
	if (process->pid == 0)
		become(process, arguments);
	if (process->pid > 0)
		return 0;
	int error = -errno;
	process->pid = 0;
	process_finish(process);
	return error;
}

void process_said(const struct process *process, char *text, size_t n_bytes)
{
	ssize_t n = pread(process->err, text, n_bytes - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

/* How it ended. */
static int conclude(struct process *process, int status, const struct rusage *used, char why[PROCESS_WHY_BYTES])
{
	char said[PROCESS_WHY_BYTES - 64];
	process->pid = 0;
	process->cpu_s = (double)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) +
		(double)(used->ru_utime.tv_usec + used->ru_stime.tv_usec) / 1e6;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	process_said(process, said, sizeof(said));
	if (WIFSIGNALED(status))
		snprintf(why, PROCESS_WHY_BYTES, "%s was ended by signal %d", process->name, WTERMSIG(status));
	else
		snprintf(why, PROCESS_WHY_BYTES, "%.40s failed: %s", process->name,
			said[0] ? said : "it does not say why");
	return -ECHILD;
}

int process_wait(struct process *process, int64_t deadline_ns, char why[PROCESS_WHY_BYTES])
{
	struct rusage used;
	int status, error = -ETIMEDOUT;
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, process->pid, 0), .events = POLLIN };
	snprintf(why, PROCESS_WHY_BYTES, "%s takes too long", process->name);
	do {
		/* Without a descriptor (an old kernel) this is a sleep. */
		poll(&end, 1, LOOK_MS);
		if (wait4(process->pid, &status, WNOHANG, &used) == process->pid)
			error = conclude(process, status, &used, why);
		else if (bench_stopped())
			error = -EINTR;
	} while (error == -ETIMEDOUT && zoe_now_ns() < deadline_ns);
	if (end.fd >= 0)
		close(end.fd);
	return error;
}

static void reap(struct process *process)
{
	kill(process->pid, SIGKILL);
	while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
		;
	process->pid = 0;
}

void process_stop(struct process *process)
{
	char why[PROCESS_WHY_BYTES];
	int64_t deadline_ns = zoe_now_ns() + GRACE_NS;
	if (!process->pid)
		return;
	kill(process->pid, SIGTERM);
	while (process->pid && zoe_now_ns() < deadline_ns)
		if (process_wait(process, deadline_ns, why) == -EINTR)
			bench_sleep_until(zoe_now_ns() + 1000000);
	if (process->pid)
		reap(process);
}

static bool is_event(const json_t *object, const char *event)
{
	const char *named = json_string_value(json_object_get(object, "event"));
	return named && strcmp(named, event) == 0;
}

static json_t *find_event(const char *said, size_t n_bytes, const char *event)
{
	json_t *found = NULL;
	const char *newline;
	while ((newline = memchr(said, '\n', n_bytes)) != NULL) {
		size_t length = (size_t)(newline - said);
		json_t *object = json_loadb(said, length, 0, NULL);
		if (is_event(object, event)) {
			json_decref(found);
			found = json_incref(object);
		}
		json_decref(object);
		said += length + 1;
		n_bytes -= length + 1;
	}
	return found;
}

json_t *process_event(const struct process *process, const char *event)
{
	struct stat file;
	if (fstat(process->out, &file) || file.st_size <= 0)
		return NULL;
	/* Reading would move the offset at which it goes on writing. */
	char *said = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_SHARED, process->out, 0);
	if (said == MAP_FAILED)
		return NULL;
	json_t *found = find_event(said, (size_t)file.st_size, event);
	munmap(said, (size_t)file.st_size);
	return found;
}

void process_finish(struct process *process)
{
	if (process->pid > 0)
		reap(process);
	if (process->out > 0)
		close(process->out);
	if (process->err > 0)
		close(process->err);
	*process = (struct process){ 0 };
}
