/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A library to be loaded before all others (LD_PRELOAD), which stands in for cameras where there are none: the folder
 * that FAKE_V4L2 names is /dev for video devices and udev's links to them. A file videoN in it is a device, for as
 * long as it has this name. Its first word is what it is, the rest its card:
 *
 * camera      pictures of 320x240 in YUYV, 30 a second, which it is believed to make in MJPEG, too
 * formats     a camera of every format there is, for lists
 * streaming   a camera that somebody else takes pictures of
 * metadata    the second node of a camera
 * planes      a camera of several planes
 * busy, denied, caged    it cannot be opened: EBUSY, EACCES, EPERM
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <linux/videodev2.h>

#define WIDTH_PX 320
#define HEIGHT_PX 240
#define FRAME_BYTES (WIDTH_PX * HEIGHT_PX * 2)
#define N_BUFFERS 8
#define BUFFER_BYTES (FRAME_BYTES / 65536 * 65536 + 65536) /* whole pages */
#define MAX_FDS 1024

struct device {
	char path[PATH_MAX], kind[16], card[32];
	ino_t inode;
	unsigned queue[N_BUFFERS], n_queued, n_shown;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct device *devices[MAX_FDS];

static void *next(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

/* Where a path of /dev is; any other as it is. */
static const char *map(const char *path, char *mapped)
{
	const char *folder = getenv("FAKE_V4L2");
	bool is_ours = folder &&
		(strcmp(path, "/dev") == 0 || strncmp(path, "/dev/video", 10) == 0 ||
			strncmp(path, "/dev/v4l", 8) == 0);

	if (!is_ours)
		return path;
	snprintf(mapped, PATH_MAX, "%s%s", folder, path + strlen("/dev"));
	return mapped;
}

static bool is_node(const char *path, const char *mapped)
{
	struct stat file;
	int (*real_stat)(const char *, struct stat *) = next("stat");

	return mapped != path && real_stat(mapped, &file) == 0 && S_ISREG(file.st_mode);
}

static int refusal_of(const char *kind)
{
	if (strcmp(kind, "busy") == 0)
		return EBUSY;
	if (strcmp(kind, "denied") == 0)
		return EACCES;
	return strcmp(kind, "caged") == 0 ? EPERM : 0;
}

static int open_device(const char *mapped, int (*real_open)(const char *, int, ...))
{
	struct device *device = calloc(1, sizeof(*device));
	char text[64] = "";
	struct stat file;
	int fd = real_open(mapped, O_RDONLY | O_CLOEXEC);

	if (!device || fd < 0 || fstat(fd, &file) < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		abort();
	close(fd);
	snprintf(device->path, sizeof(device->path), "%s", mapped);
	sscanf(text, "%15s %31[^\n]", device->kind, device->card);
	device->inode = file.st_ino;
	errno = refusal_of(device->kind);
	if (errno) {
		free(device);
		return -1;
	}
	fd = memfd_create("camera", MFD_CLOEXEC);
	if (fd < 0 || fd >= MAX_FDS || ftruncate(fd, BUFFER_BYTES * N_BUFFERS) < 0)
		abort();
	devices[fd] = device;
	return fd;
}

static int open_any(const char *name, const char *path, int flags, int mode)
{
	char into[PATH_MAX];
	const char *mapped = map(path, into);
	int (*real_open)(const char *, int, ...) = next(name);

	return is_node(path, mapped) ? open_device(mapped, real_open) : real_open(mapped, flags, mode);
}

#define OPEN(name) \
	int name(const char *path, int flags, ...) \
	{ \
		va_list arguments; \
		va_start(arguments, flags); \
		int mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(arguments, int) : 0; \
		va_end(arguments); \
		return open_any(#name, path, flags, mode); \
	}

OPEN(open)
OPEN(open64)

int close(int fd)
{
	int (*real_close)(int) = next("close");

	if (fd >= 0 && fd < MAX_FDS && devices[fd]) {
		free(devices[fd]);
		devices[fd] = NULL;
	}
	return real_close(fd);
}

DIR *opendir(const char *path)
{
	char into[PATH_MAX];
	DIR *(*real_opendir)(const char *) = next("opendir");

	return real_opendir(map(path, into));
}

static int stat_any(const char *name, const char *path, struct stat *file)
{
	char into[PATH_MAX];
	const char *mapped = map(path, into);
	int (*real_stat)(const char *, struct stat *) = next(name);
	int result = real_stat(mapped, file);

	if (result == 0 && mapped != path && S_ISREG(file->st_mode)) {
		file->st_mode = S_IFCHR | 0660;
		file->st_rdev = makedev(81, 0);
	}
	return result;
}

int stat(const char *path, struct stat *file)
{
	return stat_any("stat", path, file);
}

int lstat(const char *path, struct stat *file)
{
	return stat_any("lstat", path, file);
}

char *realpath(const char *path, char *resolved)
{
	char into[PATH_MAX];
	const char *folder = getenv("FAKE_V4L2");
	char *(*real_realpath)(const char *, char *) = next("realpath");
	char *found = real_realpath(map(path, into), resolved);

	if (found && folder && strncmp(found, folder, strlen(folder)) == 0) {
		snprintf(into, sizeof(into), "/dev%s", found + strlen(folder));
		strcpy(found, into);
	}
	return found;
}

static int fail(int error)
{
	errno = error;
	return -1;
}

static bool is(const struct device *device, const char *kind)
{
	return strcmp(device->kind, kind) == 0;
}

static int capability(const struct device *device, struct v4l2_capability *answer)
{
	uint32_t own = is(device, "metadata") ? V4L2_CAP_META_CAPTURE
		: is(device, "planes")        ? V4L2_CAP_VIDEO_CAPTURE_MPLANE
					      : V4L2_CAP_VIDEO_CAPTURE;

	*answer = (struct v4l2_capability){ .driver = "uvcvideo", .bus_info = "usb-0000:00:14.0-5" };
	memcpy(answer->card, device->card, sizeof(answer->card));
	answer->device_caps = own | V4L2_CAP_STREAMING;
	answer->capabilities = own | V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING |
		V4L2_CAP_DEVICE_CAPS;
	return 0;
}

static int format(const struct device *device, struct v4l2_fmtdesc *answer)
{
	static const uint32_t camera[] = { V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_SRGGB10P };
	static const uint32_t all[] = { V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_YVU420, V4L2_PIX_FMT_YUV422P,
		V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_UYVY, V4L2_PIX_FMT_YUV411P, V4L2_PIX_FMT_YUV410, V4L2_PIX_FMT_YVU410,
		V4L2_PIX_FMT_RGB555, V4L2_PIX_FMT_RGB555X, V4L2_PIX_FMT_RGB565, V4L2_PIX_FMT_RGB565X,
		V4L2_PIX_FMT_BGR24, V4L2_PIX_FMT_RGB24, V4L2_PIX_FMT_BGR32, V4L2_PIX_FMT_RGB32, V4L2_PIX_FMT_XBGR32,
		V4L2_PIX_FMT_XRGB32, V4L2_PIX_FMT_ABGR32, V4L2_PIX_FMT_ARGB32, V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_Y16,
		V4L2_PIX_FMT_Y10, V4L2_PIX_FMT_Z16, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_NV21, V4L2_PIX_FMT_NV16,
		V4L2_PIX_FMT_YVYU, V4L2_PIX_FMT_VYUY, V4L2_PIX_FMT_SBGGR8, V4L2_PIX_FMT_SGBRG8, V4L2_PIX_FMT_SGRBG8,
		V4L2_PIX_FMT_SRGGB8, V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_JPEG, V4L2_PIX_FMT_H264, V4L2_PIX_FMT_HEVC,
		V4L2_PIX_FMT_MPEG4, V4L2_PIX_FMT_VP8, V4L2_PIX_FMT_CPIA1 };
	const uint32_t *formats = is(device, "formats") ? all : camera;
	size_t n_formats = is(device, "formats") ? sizeof(all) / sizeof(all[0]) : sizeof(camera) / sizeof(camera[0]);

	if (answer->index >= n_formats)
		return fail(EINVAL);
	answer->pixelformat = formats[answer->index];
	if (answer->pixelformat == V4L2_PIX_FMT_MJPEG || answer->pixelformat == V4L2_PIX_FMT_JPEG ||
		answer->pixelformat == V4L2_PIX_FMT_H264 || answer->pixelformat == V4L2_PIX_FMT_MPEG4 ||
		answer->pixelformat == V4L2_PIX_FMT_HEVC || answer->pixelformat == V4L2_PIX_FMT_VP8 ||
		answer->pixelformat == V4L2_PIX_FMT_CPIA1)
		answer->flags = V4L2_FMT_FLAG_COMPRESSED;
	snprintf((char *)answer->description, sizeof(answer->description), "format %u", answer->index);
	return 0;
}

/* Two sizes of MJPEG, and a range of all others. */
static int size(struct v4l2_frmsizeenum *answer)
{
	static const struct v4l2_frmsize_discrete sizes[] = { { 1920, 1080 }, { 640, 480 } };
	bool has_range = answer->pixel_format != V4L2_PIX_FMT_MJPEG;

	if (answer->index >= (has_range ? 1 : 2))
		return fail(EINVAL);
	answer->type = has_range ? V4L2_FRMSIZE_TYPE_STEPWISE : V4L2_FRMSIZE_TYPE_DISCRETE;
	if (has_range)
		answer->stepwise = (struct v4l2_frmsize_stepwise){ 48, 1280, 16, 32, 720, 8 };
	else
		answer->discrete = sizes[answer->index];
	return 0;
}

static int interval(struct v4l2_frmivalenum *answer)
{
	static const struct v4l2_fract intervals[] = { { 1, 30 }, { 1001, 15000 } };
	bool has_range = answer->pixel_format != V4L2_PIX_FMT_MJPEG;

	if (answer->index >= (has_range ? 1 : 2) || (has_range && answer->width != 1280))
		return fail(EINVAL);
	answer->type = has_range ? V4L2_FRMIVAL_TYPE_CONTINUOUS : V4L2_FRMIVAL_TYPE_DISCRETE;
	if (has_range)
		answer->stepwise = (struct v4l2_frmival_stepwise){ { 1, 60 }, { 1, 5 }, { 1, 1 } };
	else
		answer->discrete = intervals[answer->index];
	return 0;
}

static int set_format(struct v4l2_format *answer, bool is_asked)
{
	bool is_known = !is_asked || answer->fmt.pix.pixelformat == V4L2_PIX_FMT_YUYV;

	answer->fmt.pix.width = WIDTH_PX;
	answer->fmt.pix.height = HEIGHT_PX;
	answer->fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	return is_known ? 0 : fail(EINVAL);
}

static int request_buffers(const struct device *device, struct v4l2_requestbuffers *answer)
{
	if (is(device, "streaming"))
		return fail(EBUSY);
	answer->count = answer->count > 0 ? N_BUFFERS : 0;
	return 0;
}

static void describe_buffer(struct v4l2_buffer *answer)
{
	answer->length = answer->bytesused = FRAME_BYTES;
	answer->m.offset = answer->index * BUFFER_BYTES;
}

static int queue_buffer(struct device *device, const struct v4l2_buffer *buffer)
{
	pthread_mutex_lock(&lock);
	device->queue[device->n_queued++] = buffer->index;
	pthread_mutex_unlock(&lock);
	return 0;
}

/* A picture is due each thirtieth of a second, and may be in the buffer that has waited longest. */
static int dequeue_buffer(int fd, struct device *device, struct v4l2_buffer *answer)
{
	struct timespec now;

	nanosleep(&(struct timespec){ .tv_nsec = 33333333 }, NULL);
	pthread_mutex_lock(&lock);
	if (device->n_queued == 0)
		abort();
	answer->index = device->queue[0];
	device->n_queued--;
	memmove(device->queue, device->queue + 1, device->n_queued * sizeof(device->queue[0]));
	pthread_mutex_unlock(&lock);
	describe_buffer(answer);
	unsigned char row[WIDTH_PX * 2];
	memset(row, (int)(device->n_shown++ & 127), sizeof(row));
	if (pwrite(fd, row, sizeof(row), answer->m.offset) < 0)
		abort();
	clock_gettime(CLOCK_MONOTONIC, &now);
	answer->timestamp = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
	return 0;
}

static int answer(int fd, struct device *device, unsigned long request, void *argument)
{
	switch (request) {
	case VIDIOC_QUERYCAP:
		return capability(device, argument);
	case VIDIOC_ENUM_FMT:
		return format(device, argument);
	case VIDIOC_ENUM_FRAMESIZES:
		return size(argument);
	case VIDIOC_ENUM_FRAMEINTERVALS:
		return interval(argument);
	case VIDIOC_G_INPUT:
		*(int *)argument = 0;
		return 0;
	case VIDIOC_ENUMINPUT:
		return 0;
	case VIDIOC_G_FMT:
	case VIDIOC_S_FMT:
		return set_format(argument, request == VIDIOC_S_FMT);
	case VIDIOC_G_PARM:
		((struct v4l2_streamparm *)argument)->parm.capture.timeperframe = (struct v4l2_fract){ 1, 30 };
		return 0;
	case VIDIOC_REQBUFS:
		return request_buffers(device, argument);
	case VIDIOC_QUERYBUF:
		describe_buffer(argument);
		return 0;
	case VIDIOC_QBUF:
		return queue_buffer(device, argument);
	case VIDIOC_DQBUF:
		return dequeue_buffer(fd, device, argument);
	case VIDIOC_STREAMON:
	case VIDIOC_STREAMOFF:
		return 0;
	default:
		return fail(ENOTTY);
	}
}

static bool is_plugged_in(const struct device *device)
{
	struct stat file;
	int (*real_stat)(const char *, struct stat *) = next("stat");

	return real_stat(device->path, &file) == 0 && file.st_ino == device->inode;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	int (*real_ioctl)(int, unsigned long, ...) = next("ioctl");

	va_start(arguments, request);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	struct device *device = fd >= 0 && fd < MAX_FDS ? devices[fd] : NULL;
	if (!device)
		return real_ioctl(fd, request, argument);
	return is_plugged_in(device) ? answer(fd, device, request, argument) : fail(ENODEV);
}
