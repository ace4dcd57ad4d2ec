/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A library to be loaded before the libc (LD_PRELOAD), whose names are not resolved while the file RESOLVER_SILENT is
 * there: getaddrinfo() does not return, as with a name server that does not answer.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
	const char *silent = getenv("RESOLVER_SILENT");
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT,
		"getaddrinfo");

	while (silent && access(silent, F_OK) == 0)
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	return real ? real(node, service, hints, result) : EAI_FAIL;
}
