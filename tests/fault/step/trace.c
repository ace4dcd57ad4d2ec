/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace.h"
#include "support/child.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A cycle has some tens of thousands of instructions. */
#define MAX_PLACES (1u << 20)
#define BUCKETS (1u << 16)

/* How long a system call may take to fall asleep. */
#define ASLEEP_NAPS 500

/* step_mark() is a breakpoint of its own: its argument stands in rdi. */
__asm__(".text\n"
	".globl step_mark\n"
	".type step_mark, @function\n"
	"step_mark:\n"
	"	int3\n"
	"	ret\n"
	".size step_mark, . - step_mark\n");

/* The linker's names for the section that libzoetrope's code was given (step.cmake). */
extern const char __start_zoe_text[], __stop_zoe_text[];

static void interrupted(int signal)
{
	(void)signal;
}

void *step_pages(size_t bytes)
{
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return pages;
}

void step_watchdog(unsigned seconds)
{
	/* Without SA_RESTART: a wait returns EINTR. */
	struct sigaction action = { .sa_handler = interrupted };
	sigaction(SIGALRM, &action, NULL);
	alarm(seconds);
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
}

bool step_possible(const char **why)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? errno : 0);
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		*why = "a child could not be started";
	else
		*why = strerror(WEXITSTATUS(status));
	return status == 0;
}

/* Wait until the victim stops or ends. False: it did not stop. */
static bool wait_stop(struct step_victim *victim)
{
	int status;
	if (victim->over)
		return false;
	if (waitpid(victim->pid, &status, 0) != victim->pid) {
		/* The watchdog: whatever it does, it does not come back. */
		step_kill(victim);
		victim->status = -1;
		return false;
	}
	if (WIFSTOPPED(status))
		return true;
	victim->over = true;
	victim->status = status;
	return false;
}

static bool resume(struct step_victim *victim, int request)
{
	return !victim->over && ptrace((enum __ptrace_request)request, victim->pid, NULL, NULL) == 0 &&
		wait_stop(victim);
}

static struct user_regs_struct registers(const struct step_victim *victim)
{
	struct user_regs_struct registers = { 0 };
	ptrace(PTRACE_GETREGS, victim->pid, NULL, &registers);
	return registers;
}

uint64_t step_rip(const struct step_victim *victim)
{
	return registers(victim).rip;
}

/* If the victim was stopped by a mark, the director does its part. */
static bool meet(struct step_victim *victim, const struct user_regs_struct *registers)
{
	if (registers->rip != (uint64_t)(uintptr_t)step_mark + 1)
		return false;
	victim->mark = (int)registers->rdi;
	victim->at_mark(victim->director, victim->mark);
	return true;
}

static long poke_byte(const struct step_victim *victim, uint64_t address, uint8_t byte)
{
	errno = 0;
	long before = ptrace(PTRACE_PEEKTEXT, victim->pid, (void *)address, NULL);
	if (errno || ptrace(PTRACE_POKETEXT, victim->pid, (void *)address, (before & ~0xffL) | byte))
		return -1;
	return before & 0xff;
}

/* Run to a breakpoint. False: the victim came to a mark instead, or it is over. */
static bool run_to(struct step_victim *victim, uint64_t address)
{
	long byte = poke_byte(victim, address, 0xcc);
	if (byte < 0)
		return false;
	bool stopped = resume(victim, PTRACE_CONT);
	if (!stopped)
		return false;
	struct user_regs_struct now = registers(victim);
	poke_byte(victim, address, (uint8_t)byte);
	if (now.rip != address + 1) {
		meet(victim, &now);
		return false;
	}
	now.rip = address;
	ptrace(PTRACE_SETREGS, victim->pid, NULL, &now);
	return true;
}

/*
 * What the kernel maps into each process as code of its own: clock_gettime. It reads the
 * kernel's clock again and again until it stood still meanwhile, which single steps are
 * too slow for; and it writes nothing that others could see. It counts as one instruction.
 */
static bool in_vdso(uint64_t rip)
{
	const uint8_t *vdso = (const uint8_t *)getauxval(AT_SYSINFO_EHDR);
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)vdso;
	/* The first segment is all of it. */
	const Elf64_Phdr *segment = vdso ? (const Elf64_Phdr *)(vdso + header->e_phoff) : NULL;
	return segment && rip - (uint64_t)(uintptr_t)vdso < segment->p_memsz;
}

/* One instruction; one with a repeat prefix counts as one, though the processor stops in it each time. */
static bool step_over(struct step_victim *victim)
{
	struct user_regs_struct before = registers(victim);
	if (in_vdso(before.rip))
		return run_to(victim, (uint64_t)ptrace(PTRACE_PEEKDATA, victim->pid, (void *)before.rsp, NULL));
	do {
		if (!resume(victim, PTRACE_SINGLESTEP))
			return false;
	} while (step_rip(victim) == before.rip);
	return true;
}

void step_begin(struct step_victim *victim, int (*cycle)(void *), void *argument)
{
	victim->over = false;
	victim->status = 0;
	victim->mark = -1;
	fflush(NULL);
	victim->pid = child_fork();
	if (victim->pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(cycle(argument));
	}
	if (victim->pid < 0) {
		victim->over = true;
		victim->status = -1;
		return;
	}
	if (wait_stop(victim))
		ptrace(PTRACE_SETOPTIONS, victim->pid, NULL, (void *)PTRACE_O_EXITKILL);
}

/* True when the system call that comes next waits for somebody. */
static bool will_sleep(const struct step_victim *victim, const struct user_regs_struct *registers)
{
	long code = ptrace(PTRACE_PEEKTEXT, victim->pid, (void *)registers->rip, NULL);
	if ((code & 0xffff) != 0x050f)
		return false;
	long wait = (long)registers->rsi & FUTEX_CMD_MASK;
	return registers->rax == SYS_clock_nanosleep ||
		(registers->rax == SYS_futex && (wait == FUTEX_WAIT || wait == FUTEX_WAIT_BITSET));
}

/* The places of an address, found quickly while recording: the last one for each hash. */
struct book {
	uint32_t last[BUCKETS];
	uint32_t chain[MAX_PLACES]; /* of each place, the one before in its bucket */
};

static void note(struct step_path *path, struct book *book, struct step_place place)
{
	uint32_t k = path->n++, bucket = (uint32_t)(place.rip * UINT64_C(0x9e3779b97f4a7c15) >> 48);
	const struct step_place *places = path->places;

	place.before = k;
	uint32_t i = book->last[bucket];
	while (i != UINT32_MAX && places[i].rip != place.rip)
		i = book->chain[i];
	place.again = i != UINT32_MAX;
	if (place.again && places[i].mark == place.mark)
		place.before = i;
	book->chain[k] = book->last[bucket];
	book->last[bucket] = k;
	path->places[k] = place;
	path->n_inside += place.inside;
}

/* Step on to the next mark, noting each place. */
static void record_on(struct step_victim *victim, struct step_path *path, struct book *book)
{
	while (!victim->over && path->n < MAX_PLACES) {
		struct user_regs_struct now = registers(victim);
		if (now.rip == (uint64_t)(uintptr_t)step_mark)
			return;
		if (victim->at_place)
			victim->at_place(victim->director);
		note(path, book,
			(struct step_place){
				.rip = now.rip,
				.mark = (int16_t)victim->mark,
				.inside = now.rip >= (uint64_t)(uintptr_t)__start_zoe_text &&
					now.rip < (uint64_t)(uintptr_t)__stop_zoe_text,
				.sleeps = will_sleep(victim, &now),
			});
		step_over(victim);
	}
}

void step_forget(struct step_path *path)
{
	munmap(path->places, MAX_PLACES * sizeof(*path->places));
	*path = (struct step_path){ 0 };
}

/* Run on to any mark, and deal with it. */
static bool run_to_next(struct step_victim *victim)
{
	struct user_regs_struct now;
	do {
		if (!resume(victim, PTRACE_CONT))
			return false;
		now = registers(victim);
	} while (!meet(victim, &now));
	return true;
}

bool step_record(struct step_victim *victim, struct step_path *path)
{
	struct book *book = step_pages(sizeof(*book));
	*path = (struct step_path){ .places = step_pages(MAX_PLACES * sizeof(*path->places)) };
	memset(book->last, 0xff, sizeof(book->last));
	/* What comes before the first mark is not part of the cycle. */
	while (run_to_next(victim))
		record_on(victim, path, book);
	munmap(book, sizeof(*book));
	return victim->over && victim->status == 0;
}

static bool run_to_mark(struct step_victim *victim, int mark)
{
	while (victim->mark != mark)
		if (!run_to_next(victim))
			return false;
	return true;
}

static bool fall_asleep(struct step_victim *victim)
{
	if (ptrace(PTRACE_CONT, victim->pid, NULL, NULL))
		return false;
	bool asleep = false;
	for (int i = 0; i < ASLEEP_NAPS && !(asleep = step_sleeps(victim->pid)); i++)
		nap();
	/* From a signal's stop it goes back into the same call. */
	kill(victim->pid, SIGSTOP);
	if (!wait_stop(victim))
		return false;
	struct user_regs_struct now = registers(victim);
	return !meet(victim, &now) && asleep;
}

bool step_reach(struct step_victim *victim, const struct step_path *path, uint32_t k, bool asleep, bool slowly)
{
	const struct step_place *places = path->places;
	uint32_t at = k;

	if (!run_to_mark(victim, places[k].mark))
		return false;
	while (at > 0 && places[at - 1].mark == places[k].mark)
		at--;
	while (at < k) {
		/* The farthest place that is not passed on the way to it. */
		uint32_t next = slowly ? at + 1 : k;
		while (places[next].before > at && places[next].before != next)
			next--;
		/* Where it stands a breakpoint would stop it before it has made a step. */
		bool here = slowly || places[next].rip == places[at].rip;
		if (!(here ? step_over(victim) : run_to(victim, places[next].rip)))
			return false;
		struct user_regs_struct now = registers(victim);
		if (here && meet(victim, &now))
			return false;
		at = here ? at + 1 : next;
	}
	return step_rip(victim) == places[k].rip && (!asleep || fall_asleep(victim));
}

int step_finish(struct step_victim *victim)
{
	while (run_to_next(victim))
		continue;
	return victim->status;
}

void step_kill(struct step_victim *victim)
{
	if (victim->pid <= 0 || victim->over)
		return;
	kill(victim->pid, SIGKILL);
	while (waitpid(victim->pid, &victim->status, 0) == victim->pid && WIFSTOPPED(victim->status))
		continue;
	victim->over = true;
}

char step_state(pid_t pid)
{
	char path[32], text[256];
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = file < 0 ? 0 : read(file, text, sizeof(text) - 1);
	if (file >= 0)
		close(file);
	text[n > 0 ? n : 0] = '\0';
	/* The state follows the name, which stands in brackets and may have some in it. */
	const char *end = strrchr(text, ')');
	return end && end[1] ? end[2] : '\0';
}

bool step_sleeps(pid_t pid)
{
	return step_state(pid) == 'S';
}
