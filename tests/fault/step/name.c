/* SPDX-License-Identifier: BSD-2-Clause */
/* Where in the code an address is, for reports. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "trace.h"

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The first two lines that addr2line prints are the function, static ones too, and file:line. */
static void ask_addr2line(const char *file, uint64_t offset, char *text, size_t bytes)
{
	char command[400], function[100] = "", line[200] = "";
	snprintf(command, sizeof(command), "addr2line -f -e '%.250s' 0x%llx 2>/dev/null", file,
		(unsigned long long)offset);
	FILE *pipe = popen(command, "re");
	if (!pipe)
		return;
	if (fgets(function, sizeof(function), pipe) && fgets(line, sizeof(line), pipe) && function[0] != '?') {
		function[strcspn(function, "\n")] = '\0';
		line[strcspn(line, " \n")] = '\0';
		size_t n = strlen(text);
		snprintf(text + n, bytes - n, " %s %s", function, last_part(line));
	}
	pclose(pipe);
}

void step_name(uint64_t rip, char *text, size_t bytes)
{
	Dl_info info;
	if (!dladdr((void *)(uintptr_t)rip, &info) || !info.dli_fname) {
		snprintf(text, bytes, "0x%llx", (unsigned long long)rip);
		return;
	}
	uint64_t offset = rip - (uint64_t)(uintptr_t)info.dli_fbase;
	snprintf(text, bytes, "%s+0x%llx", last_part(info.dli_fname), (unsigned long long)offset);
	size_t n = strlen(text);
	if (info.dli_sname)
		snprintf(text + n, bytes - n, " %s", info.dli_sname);
	else
		ask_addr2line(info.dli_fname, offset, text, bytes);
}
