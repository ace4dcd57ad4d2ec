/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two shared memory objects of a pool as files: made without a name, linked into
 * place when complete, opened, measured, removed. All of it lives in /dev/shm, where
 * shm_open(3) keeps its objects on Linux.
 *
 * A name is not an identity: whoever replaces or removes an object first makes sure that
 * the name still means the inode it thinks of.
 */
#ifndef ZI_OBJECT_H
#define ZI_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <zoetrope/pool.h>

#include "pool/layout/layout.h"

#define ZI_SHM_DIRECTORY "/dev/shm"
#define ZI_PATH_BYTES 160

/* The path of a pool's object: "/dev/shm/zoe.NAME", or with ".seats" or ".lock" behind it. */
void zi_object_path(char path[ZI_PATH_BYTES], const char *name, enum zi_object which);

/* A new object without a name, mode 0600. The descriptor, never 0, 1 or 2, or -errno. */
int zi_object_create(void);

/* Open by name. `flags` are O_RDONLY or O_RDWR. The descriptor, never 0, 1 or 2, or -errno. */
int zi_object_open(const char *name, enum zi_object which, int flags);

/*
 * Make bytes offset .. offset + bytes - 1 really there, without a hole. 0 or -errno; -EFBIG, without SIGXFSZ, beyond
 * the limit on the size of files. Signals wait until it is done.
 */
int zi_object_grow(int fd, uint64_t offset, uint64_t bytes);

/* Map bytes of it, never into a forked child nor into a core dump; zi_mapping_remove() unmaps. NULL and errno on failure. */
void *zi_object_map(int fd, uint64_t offset, size_t bytes, bool writable);

/* 1 when the name means the very object behind this descriptor, 0 when another, or -errno if that cannot be learned. */
int zi_object_named(int fd, const char *name, enum zi_object which);

/* Whose object has the name, a link or anything else included. 0 or -errno. */
int zi_object_owner(const char *name, enum zi_object which, uid_t *user);

/* Give an object without any name the name, which nobody has. 0 or -errno. */
int zi_object_link(int fd, const char *name, enum zi_object which);

/*
 * Give an object without any name one in temp, "zoe.NAME.EPOCH[.seats].tmp". What may
 * want memory happens here, before anybody's name is touched; and it must keep some name
 * from here on: an object that lost its last one cannot have another. 0 or -errno.
 */
int zi_object_link_temp(int fd, const char *name, enum zi_object which, uint64_t epoch);

/*
 * Give what has a temporary name the name. flags as of renameat2: 0 replaces whoever had it,
 * RENAME_NOREPLACE is -EEXIST if anybody has, with RENAME_EXCHANGE that one has the temporary name
 * then. The name is never without an object in between. 0 or -errno.
 */
int zi_object_rename_into_place(const char *name, enum zi_object which, uint64_t epoch, unsigned flags);

/* Back to its temporary name. 0 or -errno. */
int zi_object_rename_back(const char *name, enum zi_object which, uint64_t epoch);

/* Remove what has a temporary name. */
void zi_object_unlink_temp(const char *name, enum zi_object which, uint64_t epoch);

/* Remove the name if it still means this object. */
void zi_object_unlink(int fd, const char *name, enum zi_object which);

/* How large this process may make an object: the limit on the size of files, or UINT64_MAX. */
uint64_t zi_object_most_bytes(void);

/*
 * Shared memory could not be had: put `error` into words for zoe_error(), with what is missing where it
 * is full. Returns -error, and -ENOSPC for EFBIG: it is a limit of this process that is full. `bytes` is
 * what the pool of this name needs more, 0 where it is a file, or a name for one.
 */
int zi_object_fail(const char *name, uint64_t bytes, int error);

/* The same where it could not be mapped for lack of address space (ENOMEM, ulimit -v), or for `error`. */
int zi_object_fail_map(const char *name, uint64_t bytes, int error);

/* Bytes that shared memory has in all and has free now; 0 where that cannot be learned. */
void zi_object_space(uint64_t *total, uint64_t *free_bytes);

#endif
