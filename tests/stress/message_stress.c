/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several threads that rewrite the line of progress and say something between, on a terminal
 * that looks at what stands in its row: each row is one line of progress or one message, whole,
 * with nothing left of a longer line before it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "program/message.h"

#define N_THREADS 3
#define N_ROUNDS 4000
#define MESSAGE_EACH 50
#define N_LETTERS 26

struct terminal {
	int fd;
	char row[256];
	size_t column, n_columns;
	unsigned n_messages, n_progress, n_wrong;
};

/* A line of progress is the nth letter n times; a message has its sender's number at the end. */
static bool is_whole(const char *row, size_t n)
{
	if (strncmp(row, "stress: message of ", 19) == 0)
		return n == 20 && row[19] >= '0' && row[19] < '0' + N_THREADS;
	for (size_t i = 0; i < n; i++)
		if (row[i] != row[0])
			return false;
	return row[0] >= 'a' && n == (size_t)(row[0] - 'a') + 1;
}

static void look_at_row(struct terminal *terminal)
{
	size_t n = terminal->n_columns;
	char row[sizeof(terminal->row)] = "";

	while (n > 0 && terminal->row[n - 1] == ' ')
		n--;
	memcpy(row, terminal->row, n);
	if (!is_whole(row, n) && terminal->n_wrong++ < 5)
		printf("on the terminal stood '%s'\n", row);
	if (strncmp(row, "stress: ", 8) == 0)
		terminal->n_messages++;
	else
		terminal->n_progress++;
}

static void receive(struct terminal *terminal, char letter)
{
	if ((letter == '\r' || letter == '\n') && terminal->n_columns > 0)
		look_at_row(terminal);
	if (letter == '\n')
		terminal->n_columns = 0;
	if (letter == '\r' || letter == '\n') {
		terminal->column = 0;
	} else if (terminal->column + 1 < sizeof(terminal->row)) {
		terminal->row[terminal->column++] = letter;
		if (terminal->n_columns < terminal->column)
			terminal->n_columns = terminal->column;
	}
}

/* Until the other side is closed. */
static void *show(void *argument)
{
	struct terminal *terminal = argument;
	char text[4096];
	ssize_t n;

	while ((n = read(terminal->fd, text, sizeof(text))) > 0 || (n < 0 && errno == EINTR))
		for (ssize_t i = 0; i < n; i++)
			receive(terminal, text[i]);
	return NULL;
}

static void *talk(void *argument)
{
	int number = *(const int *)argument;

	for (int i = 1; i <= N_ROUNDS; i++) {
		int n = 1 + (i * 7 + number * 5) % N_LETTERS;
		char line[N_LETTERS + 1] = "";

		memset(line, 'a' + n - 1, (size_t)n);
		zi_message_progress(line);
		if (i % MESSAGE_EACH == 0)
			zi_message("message of %d", number);
	}
	return NULL;
}

/* A terminal that passes on what it is given; our standard error is its other side. */
static int open_terminal(void)
{
	struct termios raw;
	int fd = posix_openpt(O_RDWR | O_NOCTTY), side;

	if (fd < 0 || grantpt(fd) || unlockpt(fd))
		return -1;
	side = open(ptsname(fd), O_RDWR | O_NOCTTY);
	if (side < 0 || tcgetattr(side, &raw))
		return -1;
	cfmakeraw(&raw);
	if (tcsetattr(side, TCSANOW, &raw) || dup2(side, STDERR_FILENO) < 0)
		return -1;
	close(side);
	return fd;
}

static bool run_threads(struct terminal *terminal)
{
	static const int numbers[N_THREADS] = { 0, 1, 2 };
	pthread_t threads[N_THREADS], reader;

	if (pthread_create(&reader, NULL, show, terminal))
		return false;
	for (int i = 0; i < N_THREADS; i++)
		if (pthread_create(&threads[i], NULL, talk, (void *)&numbers[i]))
			return false;
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	zi_message("message of 0");
	close(STDERR_FILENO);
	pthread_join(reader, NULL);
	return true;
}

int main(void)
{
	struct terminal terminal = { .fd = -1 };
	const unsigned n_messages = N_THREADS * (N_ROUNDS / MESSAGE_EACH) + 1, n_progress = N_THREADS * N_ROUNDS;
	int saved = dup(STDERR_FILENO);

	terminal.fd = open_terminal();
	if (saved < 0 || terminal.fd < 0) {
		printf("no terminal to be had\n");
		return 1;
	}
	zi_message_init("stress", false);
	if (!zi_message_has_progress() || !run_threads(&terminal)) {
		printf("no progress on a terminal, or no threads\n");
		return 1;
	}
	dup2(saved, STDERR_FILENO);
	printf("%u lines of progress, %u messages, %u wrong\n", terminal.n_progress, terminal.n_messages,
		terminal.n_wrong);
	return terminal.n_wrong > 0 || terminal.n_messages != n_messages || terminal.n_progress != n_progress;
}
