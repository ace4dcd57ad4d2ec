/* SPDX-License-Identifier: BSD-2-Clause */
#include "actors.h"
#include "child.h"
#include "name.h"
#include "wait.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zoetrope/pool.h>

struct actor actor_start(void)
{
	int to[2], from[2];
	struct actor actor = { 0 };
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		abort();
	actor.pid = child_fork();
	if (actor.pid == 0) {
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		execl(ZOE_TEST_ACTOR, "actor", NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	actor.in = fdopen(to[1], "w");
	actor.out = fdopen(from[0], "r");
	return actor;
}

static void vtell(struct actor *actor, const char *format, va_list arguments)
{
	vfprintf(actor->in, format, arguments);
	fputc('\n', actor->in);
	fflush(actor->in);
}

void tell(struct actor *actor, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vtell(actor, format, arguments);
	va_end(arguments);
}

const char *hear(struct actor *actor)
{
	if (!fgets(actor->answer, sizeof(actor->answer), actor->out))
		strcpy(actor->answer, "dead");
	actor->answer[strcspn(actor->answer, "\n")] = '\0';
	return actor->answer;
}

const char *ask(struct actor *actor, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vtell(actor, format, arguments);
	va_end(arguments);
	return hear(actor);
}

bool is(const struct actor *actor, const char *word)
{
	size_t length = strlen(word);
	return strncmp(actor->answer, word, length) == 0 &&
		(actor->answer[length] == ' ' || actor->answer[length] == '\0');
}

bool is_ok(const struct actor *actor)
{
	return is(actor, "ok");
}

bool says(const struct actor *actor, const char *part)
{
	return strstr(actor->answer, part) != NULL;
}

long long figure(const struct actor *actor, const char *key)
{
	char pattern[64];
	snprintf(pattern, sizeof(pattern), " %s=", key);
	const char *at = strstr(actor->answer, pattern);
	return at ? atoll(at + strlen(pattern)) : -1;
}

static int finish(struct actor *actor)
{
	int status;
	if (actor->in)
		fclose(actor->in);
	waitpid(actor->pid, &status, 0);
	if (actor->out)
		fclose(actor->out);
	actor->in = actor->out = NULL;
	return status;
}

int actor_end(struct actor *actor)
{
	return finish(actor);
}

int actor_kill(struct actor *actor)
{
	kill(actor->pid, SIGKILL);
	return finish(actor);
}

void actor_stop(const struct actor *actor)
{
	int status;
	kill(actor->pid, SIGSTOP);
	/* Other threads go on until the one that got the signal has run. */
	waitpid(actor->pid, &status, WUNTRACED);
}

const char *pool_name(void)
{
	static char name[ZOE_NAME_BYTES];
	if (!name[0])
		own_pool_name(name, "test");
	return name;
}

bool left_behind(void)
{
	return count_pool_objects(pool_name()) > 0;
}

bool comes_to(struct actor *actor, const char *command, const char *part)
{
	const char *patience = getenv("ZOE_TEST_PATIENCE_MS");
	int64_t deadline_ns = zoe_deadline_in_ms(patience ? atoll(patience) : 20000);

	do {
		ask(actor, "%s", command);
		if (says(actor, part))
			return true;
	} while (wait_a_little(deadline_ns));
	return false;
}
