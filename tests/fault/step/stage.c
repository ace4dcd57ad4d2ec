/* SPDX-License-Identifier: BSD-2-Clause */
#include "stage.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pool/layout/layout.h"
#include "pool/system/clock.h"
#include "pool/system/object.h"
#include "trace.h"
#include "support/child.h"
#include "support/frame.h"

#define LOOK_NS 100000
#define READY_NAPS 1000

void step_stage_reset(struct step_stage *stage, const struct step_stage *like)
{
	*stage = (struct step_stage){
		.mailbox = like->mailbox,
		.cond = like->cond,
		.strict = true,
	};
	/* As long in each process: the victim's way through snprintf is the same. */
	snprintf(stage->name, sizeof(stage->name), "step-%07d", (int)getpid());
}

bool step_fault(struct step_stage *stage, const char *format, ...)
{
	va_list arguments;
	if (atomic_exchange(&stage->faulty, 1))
		return false;
	va_start(arguments, format);
	vsnprintf(stage->fault, sizeof(stage->fault), format, arguments);
	va_end(arguments);
	return false;
}

void step_most(_Atomic int64_t *most, int64_t value)
{
	int64_t before = atomic_load(most);
	while (value > before && !atomic_compare_exchange_weak(most, &before, value))
		continue;
}

bool step_until(struct step_stage *stage, bool (*done)(struct step_stage *, void *), void *argument, int64_t ms)
{
	int64_t begin = zoe_now_ns(), before = begin, end = begin + ms * ZI_MS;
	for (;;) {
		if (done(stage, argument))
			return true;
		if (before >= end)
			return false;
		/* At first often; who has waited long can wait a little longer. */
		int64_t nap_ns = (before - begin) / 8 + LOOK_NS;
		nanosleep(&(struct timespec){ .tv_nsec = nap_ns < ZI_MS ? nap_ns : ZI_MS }, NULL);
		int64_t now = zoe_now_ns();
		step_most(&stage->gap_ns, now - before);
		before = now;
	}
}

void step_number(char text[24], uint64_t seq)
{
	snprintf(text, 24, "%llu", (unsigned long long)seq);
}

pid_t step_enter(struct step_stage *stage, int (*part)(struct step_stage *, int), int number)
{
	fflush(NULL);
	pid_t pid = child_fork();
	if (pid == 0)
		_exit(part(stage, number));
	if (pid < 0)
		step_fault(stage, "fork failed");
	return pid;
}

static bool has_ended(struct step_stage *stage, void *argument)
{
	const pid_t *pid = argument;
	siginfo_t info = { 0 };
	(void)stage;
	return waitid(P_PID, (id_t)*pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == *pid;
}

/* Calls act(argument, directory, name) for each entry. By hand: opendir allocates (see step_pages). */
static void for_entries(const char *path, void (*act)(void *, int, const char *), void *argument)
{
	_Alignas(struct dirent64) char entries[4096];
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (ssize_t n; directory >= 0 && (n = getdents64(directory, entries, sizeof(entries))) > 0;) {
		const struct dirent64 *entry;
		for (ssize_t at = 0; at < n; at += entry->d_reclen) {
			entry = (const struct dirent64 *)(entries + at);
			act(argument, directory, entry->d_name);
		}
	}
	if (directory >= 0)
		close(directory);
}

/* zoe.NAME of our pool, or zoe.NAME. and more: it ought not to be there. */
static void remove_ours(void *argument, int directory, const char *entry)
{
	struct step_stage *stage = argument;
	size_t n = strlen(stage->name);
	if (strncmp(entry, "zoe.", 4) || strncmp(entry + 4, stage->name, n) || (entry[4 + n] && entry[4 + n] != '.'))
		return;
	step_fault(stage, "/dev/shm/%.120s is left", entry);
	unlinkat(directory, entry, 0);
}

bool step_clean(struct step_stage *stage)
{
	for_entries("/dev/shm", remove_ours, stage);
	return !atomic_load(&stage->faulty);
}

/* The second number there is how long this thread was ready to run and had no processor, in ns. */
static void add_delay(void *argument, int directory, const char *entry)
{
	char path[300], text[100];
	int64_t *longest = argument;
	snprintf(path, sizeof(path), "%s/schedstat", entry);
	int file = openat(directory, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = file < 0 ? 0 : read(file, text, sizeof(text) - 1);
	if (file >= 0)
		close(file);
	text[n > 0 ? n : 0] = '\0';
	const char *space = strchr(text, ' ');
	int64_t delay = space && entry[0] != '.' ? atoll(space) : 0;
	*longest = delay > *longest ? delay : *longest;
}

/*
 * The longest that a thread of this process, which may have ended, but not been waited
 * for, was. It counts when it is over: who is ready to run is given the time to.
 */
static int64_t delay_of(pid_t pid)
{
	char path[40];
	int64_t longest = 0;
	for (int i = 0; i < READY_NAPS && pid > 0 && step_state(pid) == 'R'; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 2 * ZI_MS }, NULL);
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	if (pid > 0)
		for_entries(path, add_delay, &longest);
	return longest;
}

bool step_leave(struct step_stage *stage, pid_t *pid, const char *who)
{
	int status = 0;
	if (*pid <= 0)
		return true;
	if (!step_until(stage, has_ended, pid, STEP_PATIENCE_MS)) {
		step_most(&stage->gap_ns, delay_of(*pid));
		child_kill(pid);
		return step_fault(stage, "%s hangs", who);
	}
	step_most(&stage->gap_ns, delay_of(*pid));
	waitpid(*pid, &status, 0);
	*pid = 0;
	return status == 0 || step_fault(stage, "%s ended with status 0x%x", who, (unsigned)status);
}

int64_t step_starved(struct step_stage *stage)
{
	step_most(&stage->gap_ns, delay_of(atomic_load(&stage->victim)));
	step_most(&stage->gap_ns, delay_of(stage->capture));
	for (int i = 0; i < STEP_WATCHERS; i++)
		step_most(&stage->gap_ns, delay_of(stage->watch[i].pid));
	return atomic_load(&stage->gap_ns);
}

uint32_t step_count_seats(const struct step_stage *stage, uint32_t state)
{
	struct zi_seats seats;
	uint32_t count = 0, found;
	int fd = zi_object_open(stage->name, ZI_SEATS, O_RDONLY);
	if (fd < 0)
		return 0;
	if (pread(fd, &seats, sizeof(seats), 0) != (ssize_t)sizeof(seats))
		seats.n_seats = 0;
	for (uint32_t i = 0; i < seats.n_seats; i++) {
		off_t at = (off_t)(seats.seats_offset + i * seats.seat_bytes + offsetof(struct zi_seat, state));
		count += pread(fd, &found, sizeof(found), at) == (ssize_t)sizeof(found) && found == state;
	}
	close(fd);
	return count;
}

static bool is_done(struct step_stage *stage, void *unused)
{
	(void)unused;
	return atomic_load(&stage->done) == atomic_load(&stage->asked);
}

static bool is_ready(struct step_stage *stage, void *unused)
{
	return atomic_load(&stage->ready) || is_done(stage, unused);
}

static bool carried_out(struct step_stage *stage)
{
	if (step_until(stage, is_done, NULL, STEP_PATIENCE_MS))
		return !atomic_load(&stage->faulty);
	return step_fault(stage, "capture hangs (order %u)", atomic_load(&stage->order));
}

bool step_settled(struct step_stage *stage)
{
	atomic_store(&stage->cancel, 1);
	zi_futex_wake(&stage->cancel);
	return carried_out(stage);
}

static void post(struct step_stage *stage, enum step_order order)
{
	atomic_store(&stage->cancel, 0);
	atomic_store(&stage->ready, 0);
	atomic_store(&stage->order, order);
	zi_futex_ring(&stage->asked);
}

void step_send(struct step_stage *stage, enum step_order order)
{
	if (!step_settled(stage))
		return;
	post(stage, order);
	step_until(stage, is_ready, NULL, STEP_PATIENCE_MS);
}

bool step_ask(struct step_stage *stage, enum step_order order)
{
	if (!step_settled(stage))
		return false;
	post(stage, order);
	return carried_out(stage);
}

struct zoe_frame_info step_info(uint32_t side)
{
	struct zoe_frame_info info = gray_frame(side, side);
	info.time_base_num = 1;
	info.time_base_den = 25;
	return info;
}

static uint64_t ink(uint64_t epoch, uint64_t seq)
{
	return epoch ^ seq * UINT64_C(0x9e3779b97f4a7c15);
}

void step_draw(const struct zoe_slot *slot, uint32_t side, uint64_t epoch, uint64_t seq)
{
	volatile uint64_t *words = (volatile uint64_t *)(void *)slot->data;
	for (uint32_t i = 0; i < side * side / sizeof(*words); i++)
		words[i] = ink(epoch, seq);
}

bool step_whole(const struct zoe_frame *frame)
{
	const volatile uint64_t *words = (const volatile uint64_t *)(const void *)frame->data[0];
	uint32_t n = frame->info.width_px * frame->info.height_px / sizeof(*words);
	for (uint32_t i = 0; i < n; i++)
		if (words[i] != ink(frame->epoch, frame->seq))
			return false;
	return n > 0;
}
