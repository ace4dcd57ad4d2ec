/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parties that take turns: reader, writer and director in one process, each on a stack of
 * its own, so that a switch costs a microsecond and every interleaving is the same each
 * time. A party is stopped by a breakpoint, and its way is recorded by single steps.
 *
 * What would sleep hands over to the director instead: the linker sends libzoetrope's
 * futex calls and timed locks here (pairs.cmake). So no time passes, and who sleeps
 * without being woken is found at once. Nobody dies here; step/every_instruction.c has that.
 */
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "pairs.h"
#include "fault/step/trace.h"

#define STACK_BYTES (256 * 1024)
#define TRAP_FLAG 0x100

/* What is here is not part of anybody's way. */
#define OURS __attribute__((section("pairs_text"), noinline))
extern const char __start_pairs_text[], __stop_pairs_text[];
/* The linker's names for the section that libzoetrope's code was given (step.cmake). */
extern const char __start_zoe_text[], __stop_zoe_text[];

struct pairs_party {
	ucontext_t context;
	void *stack;
	int (*part)(void *);
	void *argument;
	enum pairs_why why;
	int mark;
	uint32_t at;    /* places passed since the mark, with the one where it stands */
	uintptr_t word; /* the futex that it sleeps on: its offset in the page */
	bool woken;
	int error; /* errno belongs to a thread: each of us has its own */
};

static struct {
	ucontext_t director;
	struct pairs_party *runs, *asleep;
	volatile uint8_t *breakpoint; /* for who is to run; NULL: none */
	uint8_t byte;                 /* that is there in truth */
	struct pairs_path *path;      /* to be recorded */
	int *error;                   /* errno's place */
} turns;

__attribute__((always_inline)) static inline void set_trap_flag(bool on)
{
	uint64_t flags = __builtin_ia32_readeflags_u64() & ~(uint64_t)TRAP_FLAG;
	__builtin_ia32_writeeflags_u64(on ? flags | TRAP_FLAG : flags);
}

/*
 * The party's side of a switch. The breakpoint may be in anything that the party uses, so
 * it is there only while the party runs, and until it is gone nothing else is called.
 */
OURS static void hand_over(enum pairs_why why)
{
	set_trap_flag(false);
	if (turns.breakpoint)
		*turns.breakpoint = turns.byte;
	turns.breakpoint = NULL;
	struct pairs_party *party = turns.runs;
	party->why = why;
	party->error = *turns.error;
	swapcontext(&party->context, &turns.director);
	*turns.error = party->error;
	if (turns.breakpoint) {
		turns.byte = *turns.breakpoint;
		*turns.breakpoint = 0xcc;
	}
	if (turns.path)
		set_trap_flag(true);
}

/* The director's side. */
static enum pairs_why run(struct pairs_party *party)
{
	party->woken = false;
	turns.asleep = turns.asleep == party ? NULL : turns.asleep;
	turns.runs = party;
	swapcontext(&turns.director, &party->context);
	turns.runs = NULL;
	return party->why;
}

OURS void pairs_mark(int mark)
{
	turns.runs->mark = mark;
	turns.runs->at = 0;
	hand_over(PAIRS_AT_MARK);
}

/* The parts of a long cannot be passed to makecontext otherwise than as ints. */
OURS static void begin(unsigned high, unsigned low)
{
	struct pairs_party *party = (struct pairs_party *)((uintptr_t)high << 32 | low);
	party->part(party->argument);
	hand_over(PAIRS_ENDED);
}

struct pairs_party *pairs_enter(int (*part)(void *), void *argument)
{
	struct pairs_party *party = calloc(1, sizeof(*party));
	if (!party)
		abort();
	party->stack = step_pages(STACK_BYTES);
	party->part = part;
	party->argument = argument;
	party->mark = -1;
	getcontext(&party->context);
	party->context.uc_stack.ss_sp = party->stack;
	party->context.uc_stack.ss_size = STACK_BYTES;
	makecontext(&party->context, (void (*)(void))begin, 2, (unsigned)((uintptr_t)party >> 32),
		(unsigned)(uintptr_t)party);
	return party;
}

void pairs_remove(struct pairs_party **pointer)
{
	if (*pointer) {
		turns.asleep = turns.asleep == *pointer ? NULL : turns.asleep;
		munmap((*pointer)->stack, STACK_BYTES);
	}
	free(*pointer);
	*pointer = NULL;
}

enum pairs_why pairs_go(struct pairs_party *party)
{
	return run(party);
}

enum pairs_why pairs_why(const struct pairs_party *party)
{
	return party->why;
}

int pairs_at(const struct pairs_party *party)
{
	return party->mark;
}

bool pairs_can_go(const struct pairs_party *party)
{
	return party->why != PAIRS_ENDED && (party->why != PAIRS_ASLEEP || party->woken);
}

static bool lies_in(uint64_t rip, const char *start, const char *stop)
{
	return rip >= (uint64_t)(uintptr_t)start && rip < (uint64_t)(uintptr_t)stop;
}

/* What the kernel maps as code of its own (clock_gettime) cannot be written to. */
static bool in_vdso(uint64_t rip)
{
	const uint8_t *vdso = (const uint8_t *)getauxval(AT_SYSINFO_EHDR);
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)(const void *)vdso;
	const Elf64_Phdr *segment = vdso ? (const Elf64_Phdr *)(const void *)(vdso + header->e_phoff) : NULL;
	return segment && rip - (uint64_t)(uintptr_t)vdso < segment->p_memsz;
}

static void note(struct pairs_path *path, uint64_t rip)
{
	struct pairs_place place = {
		.rip = rip,
		.before = path->n,
		.inside = lies_in(rip, __start_zoe_text, __stop_zoe_text),
	};
	/* An instruction with a repeat prefix stops each time. */
	if (lies_in(rip, __start_pairs_text, __stop_pairs_text) || in_vdso(rip) || path->n == PAIRS_MAX_PLACES ||
		(path->n > 0 && path->places[path->n - 1].rip == rip))
		return;
	for (uint32_t k = path->n; k-- > 0 && place.before == path->n;)
		if (path->places[k].rip == rip)
			place.before = k;
	path->n_inside += place.inside;
	path->places[path->n++] = place;
}

/* After a single step, or at a breakpoint. */
OURS static void trapped(int signal, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	(void)signal;
	(void)info;
	if (turns.path) {
		note(turns.path, (uint64_t)registers[REG_RIP]);
		return;
	}
	registers[REG_RIP]--;
	hand_over(PAIRS_AT_PLACE);
}

enum pairs_why pairs_go_slowly(struct pairs_party *party, struct pairs_path *path)
{
	if (!path->places)
		path->places = step_pages(PAIRS_MAX_PLACES * sizeof(path->places[0]));
	turns.path = path;
	run(party);
	turns.path = NULL;
	return party->why;
}

bool pairs_reach(struct pairs_party *party, const struct pairs_path *path, uint32_t k)
{
	const struct pairs_place *places = path->places;
	while (party->at <= k) {
		/* The farthest that is not passed on the way to it. */
		uint32_t next = k;
		while (places[next].before != next && places[next].before >= party->at)
			next--;
		/* Where it stands a breakpoint would stop it before it has made a step. */
		if (party->at > 0 && places[next].rip == places[party->at - 1].rip)
			next = party->at;
		turns.breakpoint = (volatile uint8_t *)(uintptr_t)places[next].rip;
		if (run(party) != PAIRS_AT_PLACE)
			return false;
		party->at = next + 1;
	}
	return true;
}

static int make_writable(struct dl_phdr_info *info, size_t bytes, void *failed)
{
	(void)bytes;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uint64_t begin_at = (info->dlpi_addr + segment->p_vaddr) & ~UINT64_C(4095);
		uint64_t end_at = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;
		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) || in_vdso(begin_at))
			continue;
		if (mprotect((void *)begin_at, end_at - begin_at, PROT_READ | PROT_WRITE | PROT_EXEC))
			*(bool *)failed = true;
	}
	return 0;
}

bool pairs_prepare(void)
{
	struct sigaction action = { .sa_sigaction = trapped, .sa_flags = SA_SIGINFO | SA_NODEFER };
	bool failed = false;
	turns.error = &errno;
	dl_iterate_phdr(make_writable, &failed);
	return !failed && sigaction(SIGTRAP, &action, NULL) == 0;
}

/* Only one party sleeps where it matters, and its mapping of the word is another than the waker's. */
OURS static long futex(uintptr_t address, long operation, uint32_t value)
{
	struct pairs_party *asleep = turns.asleep;
	if ((operation & FUTEX_CMD_MASK) == FUTEX_WAKE) {
		if (asleep && asleep->word == address % 4096)
			asleep->woken = true;
		return 0;
	}
	if (atomic_load((_Atomic uint32_t *)address) != value) {
		*turns.error = EAGAIN;
		return -1;
	}
	turns.asleep = turns.runs;
	turns.runs->word = address % 4096;
	hand_over(PAIRS_ASLEEP);
	return 0;
}

long __wrap_syscall(long number, ...);
int __wrap_pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *deadline);

OURS long __wrap_syscall(long number, ...)
{
	va_list arguments;
	va_start(arguments, number);
	uintptr_t address = va_arg(arguments, uintptr_t);
	int operation = va_arg(arguments, int);
	uint32_t value = va_arg(arguments, uint32_t);
	va_end(arguments);
	if (number != SYS_futex)
		abort();
	return futex(address, operation, value);
}

OURS int __wrap_pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *deadline)
{
	int error;
	(void)clock;
	(void)deadline;
	while ((error = pthread_mutex_trylock(mutex)) == EBUSY)
		hand_over(PAIRS_BLOCKED);
	return error;
}
