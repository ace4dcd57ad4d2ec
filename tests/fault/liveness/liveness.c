/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is dead is told dead, and nobody else. Readers and writers end, and seem to end, in
 * every way that a process can; for each the other side must know, and must not be told
 * of a death that was none. One table; exit 1 when a case is wrong.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "liveness.h"
#include "support/child.h"
#include "support/name.h"
#include "support/wait.h"

#define BOUND_MS 20000 /* a death is known by then, on a machine with other work, too; how soon is printed */
#define CALM_MS 400    /* so long nobody may be told dead who lives */
#define READY_MS 20000
#define MIB (UINT64_C(1) << 20)

enum answer { DEAD, ALIVE, REFUSED, SKIPPED, LOST };

static const char *const answers[] = { "dead", "alive", "refused", "SKIPPED", "no answer" };

struct settings {
	struct pool_options pool;
};

struct row {
	const char *event;
	void (*action)(const struct liveness_case *test_case);
	int signal;    /* sent by the director after the action; 0: none */
	bool unreaped; /* and not waited for */
	unsigned place;
	enum answer want[2]; /* of a reader, of a writer */
};

static const struct row rows[] = {
	{ "killed", action_nothing, SIGKILL, false, 0, { DEAD, DEAD } },
	{ "killed, not yet waited for", action_nothing, SIGKILL, true, 0, { DEAD, DEAD } },
	{ "stopped", action_nothing, SIGSTOP, false, 0, { ALIVE, ALIVE } },
	{ "exits without detach or destroy", action_exit, 0, false, 0, { DEAD, DEAD } },
	{ "becomes another program", action_exec, 0, false, 0, { DEAD, DEAD } },
	{ "the same, from another thread", action_exec_in_thread, 0, false, 0, { DEAD, DEAD } },
	{ "the thread that joined has ended", action_nothing, 0, false, 0, { ALIVE, ALIVE } },
	{ "the main thread ends, others run", action_main_thread_exit, 0, false, 0, { ALIVE, ALIVE } },
	/* A writer's housekeeping then touches what is not there. */
	{ "unmaps everything", action_munmap, 0, false, 0, { ALIVE, DEAD } },
	/* The mappings keep the locks; a reader learns of it, and takes a new seat. */
	{ "closes every descriptor", action_close, 0, false, 0, { ALIVE, ALIVE } },
	{ "forks, the child ends", action_fork_child_dies, 0, false, 0, { ALIVE, ALIVE } },
	{ "forks and ends, the child lives", action_fork_parent_dies, 0, false, 0, { DEAD, DEAD } },
	/* Nobody closes the child's copies: late news, never false news. */
	{ "_Fork()s and ends, the child lives", action_bare_fork_parent_dies, 0, false, 0, { ALIVE, ALIVE } },
	{ "dumps core, 1 GiB of pool mapped", action_dump, 0, false, BIG, { DEAD, DEAD } },
	{ "killed in another user namespace", action_nothing, SIGKILL, false, IN_USER_NAMESPACE, { DEAD, DEAD } },
	{ "killed in another PID namespace", action_nothing, SIGKILL, false, IN_PID_NAMESPACE, { DEAD, DEAD } },
};

static struct liveness_shared *shared;
static char directory[] = "/tmp/liveness-XXXXXX";

static pid_t begin(struct liveness_case *test_case, enum side side)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		if (chdir(directory))
			_exit(1);
		liveness_take_role(test_case, side);
	}
	return pid;
}

static bool are_ready(void)
{
	return atomic_load(&shared->ready[READER]) && atomic_load(&shared->ready[WRITER]);
}

/* Both sides seated; or why not. DEAD stands for ready. */
static enum answer await_ready(void)
{
	int64_t deadline_ns = zoe_deadline_in_ms(READY_MS);

	do {
		if (atomic_load(&shared->skipped))
			return SKIPPED;
		if (atomic_load(&shared->refused))
			return REFUSED;
		if (are_ready())
			return DEAD;
	} while (wait_a_little(deadline_ns));
	return LOST;
}

/* The news of its death, or none in ms. */
static enum answer await_news(int64_t begun_ns, int64_t ms, int64_t *took_ms)
{
	bool dead = wait_for_word(&shared->dead, zoe_deadline_in_ms(ms));

	*took_ms = (zoe_now_ns() - begun_ns) / 1000000;
	return dead ? DEAD : ALIVE;
}

/* The victim that was told to be alive really ends now: true when that becomes known. */
static bool ends_well(const struct row *row)
{
	int64_t took_ms;

	atomic_store(&shared->release, 1);
	if (row->action != action_bare_fork_parent_dies)
		kill(atomic_load(&shared->victim_pid), SIGKILL);
	return await_news(zoe_now_ns(), BOUND_MS, &took_ms) == DEAD;
}

/* A reader whose seat was lost by an accident is told that, and may have another. */
static const char *judge_close(void)
{
	static char text[96];

	wait_for_word(&shared->stayed, zoe_deadline_in_ms(BOUND_MS));
	int said = atomic_load(&shared->said);
	if (said == -ESTALE && atomic_load(&shared->stayed) == 1)
		return NULL;
	snprintf(text, sizeof(text), "it was told %s, and %s a new seat", said < 0 ? strerrorname_np(-said) : "nothing",
		atomic_load(&shared->stayed) == 1 ? "kept" : "did not keep");
	return text;
}

/* The action and its news. *wrong becomes a sentence when something else is wrong. */
static enum answer do_action(const struct row *row, enum side side, int64_t *took_ms, const char **wrong)
{
	atomic_store(&shared->go, 1);
	while (!atomic_load(&shared->done) && !atomic_load(&shared->skipped))
		usleep(200);
	if (atomic_load(&shared->skipped))
		return SKIPPED;
	int64_t begun_ns = zoe_now_ns();
	if (row->signal)
		kill(atomic_load(&shared->victim_pid), row->signal);
	if (row->signal == SIGKILL && !row->unreaped)
		while (waitpid(atomic_load(&shared->victim_pid), NULL, 0) < 0 && errno == EINTR)
			;
	enum answer told = await_news(begun_ns, row->want[side] == ALIVE ? CALM_MS : BOUND_MS, took_ms);
	if (row->action == action_close && side == READER)
		*wrong = judge_close();
	if (told == ALIVE && !ends_well(row))
		*wrong = "its end was not known afterwards";
	return told;
}

static void end_all(const pid_t pids[2])
{
	int32_t victim = atomic_load(&shared->victim_pid);

	/* The victim may be a grandchild, and it may be gone, and waited for, already. */
	atomic_store(&shared->release, 1);
	for (int i = 0; i < 2; i++)
		if (waitpid(pids[i], NULL, WNOHANG) == 0)
			kill(pids[i], SIGKILL);
	if (victim > 0 && victim != pids[0] && victim != pids[1])
		kill(victim, SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

static enum answer run_case(const struct row *row, enum side side, const struct settings *settings, int64_t *took_ms,
	const char **wrong)
{
	static char name[ZOE_NAME_BYTES];
	struct statvfs space;
	uint64_t slot_bytes = 4096;
	pid_t pids[2];

	own_pool_name(name, "liveness");
	if (row->place & BIG)
		slot_bytes = statvfs("/dev/shm", &space) == 0 && space.f_bavail * space.f_frsize > 2048 * MIB
			? 128 * MIB
			: 2 * MIB;
	struct liveness_case test_case = {
		.name = name,
		.shared = shared,
		.pool = settings->pool,
		.side = side,
		.place = row->place,
		.slot_bytes = slot_bytes,
		.action = row->action,
	};
	memset(shared, 0, sizeof(*shared));
	pids[0] = begin(&test_case, WRITER);
	pids[1] = begin(&test_case, READER);
	enum answer told = await_ready();
	if (told == DEAD)
		told = do_action(row, side, took_ms, wrong);
	end_all(pids);
	return told;
}

/* With pthread objects the two sides may not even meet. */
static enum answer wanted(const struct row *row, enum side side, const struct settings *settings)
{
	if (row->place & IN_PID_NAMESPACE && settings->pool.mailbox == ZOE_MAILBOX_MUTEX)
		return REFUSED;
	return row->want[side];
}

static int run_row(const struct row *row, const struct settings *settings)
{
	int bad = 0;
	char complaint[256] = "";

	printf("%-36s", row->event);
	for (enum side side = READER; side <= WRITER; side++) {
		int64_t took_ms = 0;
		const char *wrong = NULL;
		char text[32], after[24] = "";
		enum answer want = wanted(row, side, settings), told = run_case(row, side, settings, &took_ms, &wrong);
		bool is_bad = told != SKIPPED && (told != want || wrong);

		if (told == DEAD)
			snprintf(after, sizeof(after), " %lld ms", (long long)took_ms);
		snprintf(text, sizeof(text), "%s%s%s", answers[told], after, is_bad ? " WRONG" : "");
		printf("  %-20s", text);
		fflush(stdout);
		if (is_bad && !complaint[0])
			snprintf(complaint, sizeof(complaint), "  <- %s: %s", side == READER ? "reader" : "writer",
				wrong ? wrong : answers[want]);
		bad += is_bad;
	}
	printf("%s\n", complaint);
	return bad;
}

static void remove_leftovers(void)
{
	char command[128];

	/* Killed writers leave their last pool behind, and a dump what the system makes of it. */
	snprintf(command, sizeof(command), "rm -rf %s /dev/shm/zoe.liveness-%d /dev/shm/zoe.liveness-%d.*", directory,
		(int)getpid(), (int)getpid());
	if (system(command))
		fprintf(stderr, "liveness: error: cannot clean up\n");
}

int main(int argc, char **argv)
{
	static const struct zi_option options[] = {
		POOL_OPTIONS(offsetof(struct settings, pool)),
	};
	static const struct zi_command command = {
		.name = "liveness",
		.usage = "[options]",
		.summary = "Who is told dead, and who alive?",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	struct settings settings = { 0 };
	const char *none;
	size_t n_none;
	int bad = 0;

	enum zi_option_outcome outcome = zi_option_parse_all(&command, argc, argv, &settings, &none, &n_none);
	if (outcome != ZI_OPTION_RUN)
		return zi_option_status(outcome);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || !mkdtemp(directory))
		return 1;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	printf("mailbox %s, cond %s\n", mailbox_name(&settings.pool), cond_name(&settings.pool));
	printf("%-36s  %-20s  %s\n", "", "a reader that", "a writer that");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		bad += run_row(&rows[i], &settings);
	remove_leftovers();
	printf("cases=%zu wrong=%d\n", 2 * (sizeof(rows) / sizeof(rows[0])), bad);
	return bad > 0;
}
