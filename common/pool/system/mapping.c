/* SPDX-License-Identifier: BSD-2-Clause */
/* A table without a lock and without memory of its own: it is read in signal handlers. */
#include "pool/system/mapping.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zoetrope/pool.h>

/* 64 readers with an epoch that they leave and one that they enter. */
#define N_MAPPINGS 1024

/* In `start`: no address. */
enum { FREE = 0, TAKEN = 1 };

static struct mapping {
	_Atomic uintptr_t start; /* written last, and taken away first */
	_Atomic size_t bytes;
	_Atomic pid_t pid; /* a forked child has the table, but nothing is mapped there */
	atomic_bool writable;
	atomic_bool cut;
} mappings[N_MAPPINGS];

atomic_uint zi_mappings_cut;

void zi_mapping_add(const void *map, size_t bytes, bool writable)
{
	pid_t pid = getpid();

	for (int i = 0; i < N_MAPPINGS; i++) {
		struct mapping *entry = &mappings[i];
		uintptr_t start = atomic_load(&entry->start);
		if (start == TAKEN || (start != FREE && atomic_load(&entry->pid) == pid) ||
			!atomic_compare_exchange_strong(&entry->start, &start, TAKEN))
			continue;
		atomic_store(&entry->bytes, bytes);
		atomic_store(&entry->pid, pid);
		atomic_store(&entry->writable, writable);
		atomic_store(&entry->cut, false);
		atomic_store(&entry->start, (uintptr_t)map);
		return;
	}
}

/* The entry of the mapping that has this byte; NULL: none. */
static struct mapping *find(uintptr_t address)
{
	for (int i = 0; i < N_MAPPINGS; i++) {
		struct mapping *entry = &mappings[i];
		uintptr_t start = atomic_load(&entry->start);
		size_t bytes = atomic_load(&entry->bytes);
		if (start > TAKEN && address >= start && address - start < bytes &&
			atomic_load(&entry->start) == start && atomic_load(&entry->pid) == getpid())
			return entry;
	}
	return NULL;
}

void zi_mapping_remove(const void *map, size_t bytes)
{
	struct mapping *entry = map ? find((uintptr_t)map) : NULL;

	if (!map || (entry && atomic_load(&entry->cut)))
		return;
	if (entry)
		atomic_store(&entry->start, FREE);
	munmap((void *)(uintptr_t)map, bytes);
}

bool zi_mapping_find_cut(const void *map)
{
	struct mapping *entry = find((uintptr_t)map);

	return entry && atomic_load(&entry->cut);
}

int zoe_handle_fault(const void *address)
{
	int saved = errno;
	struct mapping *entry = find((uintptr_t)address);
	if (!entry)
		return 0;
	/* Another thread is at it: what it does makes ours go on, or fault again. */
	if (atomic_exchange(&entry->cut, true))
		return 1;
	int protection = atomic_load(&entry->writable) ? PROT_READ | PROT_WRITE : PROT_READ;
	void *map = mmap((void *)atomic_load(&entry->start), atomic_load(&entry->bytes), protection,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	if (map == MAP_FAILED)
		atomic_store(&entry->cut, false);
	else
		atomic_fetch_add(&zi_mappings_cut, 1);
	errno = saved;
	return map != MAP_FAILED;
}
