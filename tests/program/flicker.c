/* SPDX-License-Identifier: BSD-2-Clause */
/* Cuts a file short and makes it whole again, for ever, as fast as can be: what the owner of a pool may do to it. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define HEAD_BYTES (1 << 17)

int main(int argc, char **argv)
{
	static char head[HEAD_BYTES];
	int fd = argc == 2 ? open(argv[1], O_RDWR) : -1;
	ssize_t n = pread(fd, head, sizeof(head), 0);

	if (n <= 0) {
		perror(argc == 2 ? argv[1] : "flicker FILE");
		return 1;
	}
	for (;;)
		if (ftruncate(fd, 0) || pwrite(fd, head, (size_t)n, 0) != n)
			return 1;
}
