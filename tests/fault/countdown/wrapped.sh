#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# wrapped.sh LIBRARY WRAPPED...: every function that the library calls is one that the
# countdown lets fail, or stands below as one that cannot fail as it is used there.
set -euo pipefail

library=$1
shift
cannot_fail="__assert_fail __pthread_register_cancel __pthread_unregister_cancel __pthread_unwind_next __sigsetjmp
	__errno_location closedir dirfd eventfd_read eventfd_write fgetxattr getegid geteuid getgroups getpid kill strrchr strtol strtoll getpwnam_r getpwuid_r gnu_get_libc_version memchr memcmp memcpy memmove memset
	program_invocation_short_name pthread_cond_signal pthread_condattr_destroy pthread_join
	pthread_mutex_consistent pthread_mutex_destroy pthread_mutex_lock pthread_mutex_unlock
	pthread_mutexattr_destroy pthread_once pthread_setcancelstate pthread_sigmask pthread_testcancel qsort rewinddir
	sigaddset sigdelset sigemptyset sigfillset sigismember sigpending sigtimedwait getrlimit snprintf strchr
	strcmp strcspn strerror strlen strncmp strnlen strspn strtoul strtoull sysconf vsnprintf
	__tls_get_addr _GLOBAL_OFFSET_TABLE_ __popcountdi2
	__stack_chk_fail"

symbols() {
	nm "$@" "$library" 2>/dev/null | awk 'NF >= 2 && $(NF-1) ~ /^[A-Zw]$/ { print $NF }' | sort -u
}

# shellcheck disable=SC2086
forgotten=$(comm -23 <(symbols --undefined-only) <({
	symbols --defined-only
	printf '%s\n' "$@" $cannot_fail
} | sort -u) | grep -v '^__\(asan\|ubsan\|sanitizer\|lsan\)' || true)
[ -z "$forgotten" ] || {
	printf 'neither wrapped nor known not to fail:\n%s\n' "$forgotten" >&2
	exit 1
}
