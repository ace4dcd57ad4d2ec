/* SPDX-License-Identifier: BSD-2-Clause */
#include "hgrm.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

/* Value, percentile, count so far and 1/(1-percentile) of each bucket that is not empty; the last has no fourth. */
static void print_lines(const struct zoe_histogram *histogram, FILE *out)
{
	uint64_t total = zoe_histogram_total(histogram), seen = 0;
	for (uint32_t i = 0; i < ZOE_HISTOGRAM_BUCKETS; i++) {
		if (!histogram->count[i])
			continue;
		seen += histogram->count[i];
		double value_us = (double)zoe_histogram_bucket_ns(i) / 1000, percentile = (double)seen / (double)total;
		fprintf(out, "%12.3f %2.12f %10llu", value_us, percentile, (unsigned long long)seen);
		if (seen < total)
			fprintf(out, " %14.2f", 1 / (1 - percentile));
		fputc('\n', out);
	}
}

static void moments(const struct zoe_histogram *histogram, double *mean, double *deviation)
{
	double total = (double)zoe_histogram_total(histogram), sum = 0, squares = 0;
	for (uint32_t i = 0; i < ZOE_HISTOGRAM_BUCKETS; i++) {
		double us = (double)zoe_histogram_bucket_ns(i) / 1000;
		sum += us * histogram->count[i];
		squares += us * us * histogram->count[i];
	}
	*mean = total > 0 ? sum / total : 0;
	*deviation = total > 0 ? sqrt(fmax(0, squares / total - *mean * *mean)) : 0;
}

void hgrm_print(const struct zoe_histogram *histogram, FILE *out)
{
	double mean, deviation;
	moments(histogram, &mean, &deviation);
	fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
	print_lines(histogram, out);
	fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", mean, deviation);
	fprintf(out, "#[Max     = %12.3f, Total count    = %12llu]\n",
		(double)zoe_histogram_quantile(histogram, 1) / 1000,
		(unsigned long long)zoe_histogram_total(histogram));
	fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n", 31, 32);
}

/* 0 when the file could be written, or -errno. It is not there afterwards if it was not before. */
static int try_file(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd >= 0) {
		close(fd);
		return unlink(file) ? -errno : 0;
	}
	return errno == EEXIST && access(file, W_OK) == 0 ? 0 : -errno;
}

int hgrm_plot_ready(const char *file)
{
	int error = system("command -v gnuplot >/dev/null 2>&1");
	if (error) {
		bench_fail("gnuplot is not installed (Debian: gnuplot-nox), and --plot needs it");
		return -1;
	}
	error = try_file(file);
	if (error)
		bench_fail("--plot (%s): %s", file, strerror(-error));
	return error;
}

/* As gnuplot quotes: each ' doubled. */
static void print_quoted(const char *text, FILE *out)
{
	fputc('\'', out);
	for (; *text; text++)
		fprintf(out, *text == '\'' ? "''" : "%c", *text);
	fputc('\'', out);
}

static void print_plot(const struct turn *turns, size_t n_turns, const char *file, FILE *out)
{
	fputs("set terminal pngcairo size 1200,700\nset output ", out);
	print_quoted(file, out);
	fputs("\nset logscale xy\nset grid\nset key left top Left reverse\nset xlabel 'percentile'\nset ylabel 'µs'\n"
	      "set xrange [1:*]\nset xtics ('0' 1, '50' 2, '90' 10, '99' 100, '99.9' 1000, '99.99' 10000, '99.999' 100000)\n"
	      "plot ",
		out);
	for (size_t i = 0; i < n_turns; i++) {
		fputs(i ? ", '-' using 4:1 with lines lw 2 title " : "'-' using 4:1 with lines lw 2 title ", out);
		print_quoted(turns[i].name, out);
	}
	fputc('\n', out);
	for (size_t i = 0; i < n_turns; i++) {
		print_lines(&turns[i].latency, out);
		fputs("e\n", out);
	}
}

int hgrm_plot(const struct turn *turns, size_t n_turns, const char *file)
{
	FILE *gnuplot = popen("gnuplot >/dev/null 2>&1", "w");
	if (!gnuplot) {
		bench_fail("gnuplot could not be started");
		return -1;
	}
	/* It may be gone before it has read everything. */
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	print_plot(turns, n_turns, file, gnuplot);
	int status = pclose(gnuplot);
	signal(SIGPIPE, before);
	if (status == 0)
		return 0;
	bench_fail("gnuplot could not draw %s", file);
	return -1;
}
