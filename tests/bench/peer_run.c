/* SPDX-License-Identifier: BSD-2-Clause */
#include "peer_run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "support/child.h"

#define GRACE_NS INT64_C(2000000000) /* from SIGTERM to SIGKILL */
#define SLICE_MS 50                  /* how often one looks for signals and output */
#define MAX_ARGUMENTS 8

bool peer_find(const char *place, const char *program, char path[4096])
{
	const char *const beside[] = { "peers", ZOE_PEERS_FROM_BIN };
	char own[1024];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (place) {
		snprintf(path, 4096, "%s/peer-%s", place, program);
		return access(path, X_OK) == 0;
	}
	own[n > 0 ? n : 0] = '\0';
	if (strrchr(own, '/'))
		*strrchr(own, '/') = '\0';
	for (int i = 0; i < 2; i++) {
		snprintf(path, 4096, "%s/%s/peer-%s", own, beside[i], program);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static void redirect(const char *dir, const char *name, int fd)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0 || dup2(file, fd) < 0)
		_exit(126);
}

/* The child, up to being the program. */
static void become(const struct peer_run *run, const char *path, char **argv)
{
	const struct rlimit no_core = { 0, 0 };

	setpgid(0, 0);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	setrlimit(RLIMIT_CORE, &no_core);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		_exit(126);
	redirect(run->dir, "out", STDOUT_FILENO);
	redirect(run->dir, "log", STDERR_FILENO);
	execv(path, argv);
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	_exit(126);
}

int peer_start(struct peer_run *run, const char *path, const char *const *arguments)
{
	char *argv[MAX_ARGUMENTS + 2] = { (char *)(uintptr_t)path };

	/* Who it leaves behind becomes this process's child, for reap(); and one tidies up whoever reads the output. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGPIPE, SIG_IGN);
	*run = (struct peer_run){ .ended = true };
	snprintf(run->dir, sizeof(run->dir), "/tmp/zoe-peers-%d-XXXXXX", (int)getpid());
	if (!mkdtemp(run->dir)) {
		snprintf(run->line, sizeof(run->line), "/tmp: %s", strerror(errno));
		run->dir[0] = '\0';
		return -1;
	}
	for (int i = 0; arguments[i] && i < MAX_ARGUMENTS; i++)
		argv[i + 1] = strcmp(arguments[i], "DIR") == 0 ? run->dir : (char *)(uintptr_t)arguments[i];
	run->pid = child_fork();
	if (run->pid == 0)
		become(run, path, argv);
	if (run->pid < 0) {
		snprintf(run->line, sizeof(run->line), "fork: %s", strerror(errno));
		return -1;
	}
	setpgid(run->pid, run->pid);
	run->ended = false;
	return 0;
}

static FILE *open_output(const struct peer_run *run, const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", run->dir, name);
	return fopen(path, "re");
}

void peer_first_line(const struct peer_run *run, char line[PEER_LINE_BYTES])
{
	FILE *file = open_output(run, "out");
	if (!file || !fgets(line, PEER_LINE_BYTES, file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (file)
		fclose(file);
}

static bool printed(const struct peer_run *run, const char *text)
{
	char line[PEER_LINE_BYTES];
	bool found = false;
	FILE *file = open_output(run, "out");
	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, text) != NULL;
	if (file)
		fclose(file);
	return found;
}

/* Its own words, if it had any; the last ones that are an error. */
static void last_words(struct peer_run *run, const char *otherwise)
{
	char line[PEER_LINE_BYTES];
	FILE *file = open_output(run, "log");
	snprintf(run->line, sizeof(run->line), "%s", otherwise);
	while (file && fgets(line, sizeof(line), file)) {
		const char *error = strstr(line, "error: ");
		line[strcspn(line, "\n")] = '\0';
		if (error)
			snprintf(run->line, sizeof(run->line), "%s", error + strlen("error: "));
	}
	if (file)
		fclose(file);
}

static bool has_ended(const struct peer_run *run)
{
	siginfo_t info = { 0 };
	return waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == run->pid;
}

/*
 * Its leader has ended: nobody of its group is left behind. Until the leader is waited for,
 * nobody else gets its number.
 */
static int reap(struct peer_run *run)
{
	int status = 0;
	kill(-run->pid, SIGKILL);
	waitpid(run->pid, &status, 0);
	while (waitpid(-run->pid, NULL, 0) > 0)
		;
	run->ended = true;
	return status;
}

static int conclude(struct peer_run *run)
{
	char text[64];
	int status = reap(run);
	if (status == 0)
		return 0;
	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "killed by signal %d", WTERMSIG(status));
	else
		snprintf(text, sizeof(text), "exit code %d", WEXITSTATUS(status));
	last_words(run, text);
	return 1;
}

int peer_wait(struct peer_run *run, const char *until, int64_t limit_ns)
{
	int64_t deadline = zoe_now_ns() + limit_ns;
	struct pollfd news = { .fd = pidfd_open(run->pid, 0), .events = POLLIN };
	int result = -1;

	while (result == -1) {
		if (has_ended(run)) {
			result = conclude(run);
		} else if (until && printed(run, until)) {
			result = 0;
		} else if (bench_stopped()) {
			result = -EINTR;
		} else if (zoe_now_ns() > deadline) {
			char text[64];
			snprintf(text, sizeof(text), "not done after %.1f s, and killed", (double)limit_ns / 1e9);
			last_words(run, text);
			result = 1;
		} else {
			poll(&news, 1, SLICE_MS);
		}
	}
	if (news.fd >= 0)
		close(news.fd);
	return result;
}

/* SIGTERM for all of it, and SIGKILL after the grace. */
static void end(struct peer_run *run)
{
	int64_t deadline = zoe_now_ns() + GRACE_NS;

	kill(-run->pid, SIGTERM);
	kill(-run->pid, SIGCONT);
	while (!has_ended(run) && zoe_now_ns() < deadline)
		usleep(2000);
	run->killed = !has_ended(run);
	reap(run);
}

/* Remove the files in a directory whose names have this in them; the empty string: all. */
static void sweep(const char *dir, const char *name)
{
	DIR *entries = opendir(dir);
	const struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (entry->d_name[0] != '.' && strstr(entry->d_name, name))
			unlinkat(dirfd(entries), entry->d_name, 0);
	if (entries)
		closedir(entries);
}

void peer_finish(struct peer_run *run)
{
	char shm_pipe[32];

	if (run->dir[0] == '\0')
		return;
	/* GStreamer names its memory after the publisher. */
	snprintf(shm_pipe, sizeof(shm_pipe), "shmpipe.%5d.", (int)run->pid);
	if (!run->ended)
		end(run);
	sweep("/dev/shm", shm_pipe);
	sweep("/dev/shm", strrchr(run->dir, '/') + 1);
	sweep("/tmp", strrchr(run->dir, '/') + 1);
	sweep(run->dir, "");
	rmdir(run->dir);
	run->dir[0] = '\0';
}
