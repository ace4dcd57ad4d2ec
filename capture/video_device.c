/* SPDX-License-Identifier: BSD-2-Clause */
#include "video_device.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/videodev2.h>

#include "program/json_line.h"
#include "video_format.h"

/* A driver that goes on for ever is believed so far. */
#define MAX_ENUMERATED 1024

static int ask(int fd, unsigned long request, void *answer)
{
	int result;

	do
		result = ioctl(fd, request, answer);
	while (result < 0 && errno == EINTR);
	return result;
}

/* An interval, such as 1/30 s, as frames per second. */
static double rate_of(struct v4l2_fract interval)
{
	return interval.numerator > 0 ? (double)interval.denominator / interval.numerator : 0;
}

/* "fps": those that there are, or null and "fps_min", "fps_max". */
static void add_rates(json_t *size, int fd, uint32_t format, uint32_t width_px, uint32_t height_px)
{
	json_t *rates = json_array();
	struct v4l2_frmivalenum rate = { .pixel_format = format, .width = width_px, .height = height_px };

	for (; rate.index < MAX_ENUMERATED && ask(fd, VIDIOC_ENUM_FRAMEINTERVALS, &rate) == 0; rate.index++) {
		if (rate.type != V4L2_FRMIVAL_TYPE_DISCRETE) {
			json_object_set_new(size, "fps_min", json_real(rate_of(rate.stepwise.max)));
			json_object_set_new(size, "fps_max", json_real(rate_of(rate.stepwise.min)));
			json_decref(rates);
			rates = json_null();
			break;
		}
		json_array_append_new(rates, json_real(rate_of(rate.discrete)));
	}
	json_object_set_new(size, "fps", rates);
}

/* The rates of a range are those of its largest size. */
static json_t *describe_size(int fd, const struct v4l2_frmsizeenum *size)
{
	const struct v4l2_frmsize_stepwise *range = &size->stepwise;
	bool is_one = size->type == V4L2_FRMSIZE_TYPE_DISCRETE;
	json_t *json;

	if (is_one)
		json = json_pack("{s:I, s:I}", "width", (json_int_t)size->discrete.width, "height",
			(json_int_t)size->discrete.height);
	else
		json = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "width_min", (json_int_t)range->min_width,
			"width_max", (json_int_t)range->max_width, "width_step", (json_int_t)range->step_width,
			"height_min", (json_int_t)range->min_height, "height_max", (json_int_t)range->max_height,
			"height_step", (json_int_t)range->step_height);
	add_rates(json, fd, size->pixel_format, is_one ? size->discrete.width : range->max_width,
		is_one ? size->discrete.height : range->max_height);
	return json;
}

static json_t *describe_sizes(int fd, uint32_t format)
{
	json_t *sizes = json_array();
	struct v4l2_frmsizeenum size = { .pixel_format = format };

	for (; size.index < MAX_ENUMERATED && ask(fd, VIDIOC_ENUM_FRAMESIZES, &size) == 0; size.index++) {
		json_array_append_new(sizes, describe_size(fd, &size));
		if (size.type != V4L2_FRMSIZE_TYPE_DISCRETE)
			break;
	}
	return sizes;
}

static json_t *describe_formats(int fd)
{
	json_t *formats = json_array();
	struct v4l2_fmtdesc format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	for (; format.index < MAX_ENUMERATED && ask(fd, VIDIOC_ENUM_FMT, &format) == 0; format.index++) {
		uint32_t code = format.pixelformat & ~(1u << 31); /* set where the same is big-endian */
		const char *name = video_format_name(format.pixelformat);
		char fourcc[5] = { (char)code, (char)(code >> 8), (char)(code >> 16), (char)(code >> 24) };
		json_array_append_new(formats,
			json_pack("{s:o, s:o, s:o, s:o}", "input_format", name ? json_string(name) : json_null(),
				"fourcc", zi_json_text(fourcc), "description",
				zi_json_text((const char *)format.description), "sizes",
				describe_sizes(fd, format.pixelformat)));
	}
	return formats;
}

/* Why a device could not be opened. */
static void explain(char *why, size_t n_bytes, const char *path, int error)
{
	struct stat node;
	bool is_of_a_group = stat(path, &node) == 0 && (node.st_mode & S_IRGRP) && node.st_gid != 0;
	struct group *group = is_of_a_group ? getgrgid(node.st_gid) : NULL;

	if (error == EBUSY)
		snprintf(why, n_bytes, "busy: another program has it");
	else if (error == EACCES && group)
		snprintf(why, n_bytes, "not permitted: join group %s (usermod -aG %s USER, and log in anew)",
			group->gr_name, group->gr_name);
	else if (error == EPERM)
		snprintf(why, n_bytes, "not permitted: a container is to be given it (docker run --device %s)", path);
	else
		snprintf(why, n_bytes, "%s",
			error == EACCES ? "not permitted: it is root's, or another user's" : strerror(error));
}

/* The bits of one node where the driver tells them apart: a camera has a second one for metadata. */
static uint32_t capabilities_of(const struct v4l2_capability *capability)
{
	bool has_own = capability->capabilities & V4L2_CAP_DEVICE_CAPS;

	return has_own ? capability->device_caps : capability->capabilities;
}

/* To free no buffers is refused where somebody else has some. */
static bool is_streaming_elsewhere(int fd)
{
	struct v4l2_requestbuffers none = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };

	return ask(fd, VIDIOC_REQBUFS, &none) < 0 && errno == EBUSY;
}

static json_t *describe_open(int fd)
{
	struct v4l2_capability capability = { 0 };
	const char *error = NULL;

	if (ask(fd, VIDIOC_QUERYCAP, &capability) < 0)
		return NULL;
	uint32_t bits = capabilities_of(&capability);
	if (!(bits & (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE)))
		return NULL;
	if (!(bits & V4L2_CAP_VIDEO_CAPTURE) || !(bits & V4L2_CAP_STREAMING))
		error = "FFmpeg reads no device of this kind (several planes, or no streaming)";
	else if (is_streaming_elsewhere(fd))
		error = "busy: another program takes its pictures";
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "card", zi_json_text((const char *)capability.card), "driver",
		zi_json_text((const char *)capability.driver), "bus", zi_json_text((const char *)capability.bus_info),
		"formats", describe_formats(fd), "error", error ? json_string(error) : json_null());
}

json_t *video_device_describe(const char *path)
{
	char why[256];
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
		return NULL;
	if (fd < 0) {
		explain(why, sizeof(why), path, errno);
		return json_pack("{s:n, s:n, s:n, s:[], s:s}", "card", "driver", "bus", "formats", "error", why);
	}
	json_t *device = describe_open(fd);
	close(fd);
	return device;
}
