/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentence behind zoe_error(). */
#ifndef ZI_ERROR_H
#define ZI_ERROR_H

/* Note why this thread's call fails; returns -error, for `return zi_fail(EINVAL, …)`. */
int zi_fail(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with a constant sentence, for what happens often: nothing is put into words. */
int zi_fail_plain(int error, const char *constant);

/* 0 for a name that a pool may have; otherwise -EINVAL, with the sentence that says so. NULL is no name. */
int zi_check_name(const char *name);

#endif
