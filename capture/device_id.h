/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which camera is behind /dev/videoN. The kernel gives the number to whoever comes first, and another one
 * to a camera that was pulled out; udev keeps links that go with it: by-id, by what the camera says of
 * itself, and by-path, by where it is plugged in.
 */
#ifndef CAPTURE_DEVICE_ID_H
#define CAPTURE_DEVICE_ID_H

#include <limits.h>
#include <stdbool.h>

/* Where udev keeps them. */
#define DEVICE_LINKS "/dev/v4l"

/* Paths of links; "": there is none. */
struct device_links {
	char by_id[PATH_MAX];
	char by_path[PATH_MAX];
	bool has_twin; /* cameras that say the same of themselves share one by-id link, and it may be another's */
};

/* The links under directory (DEVICE_LINKS) that lead to node. */
void device_links_find(struct device_links *links, const char *directory, const char *node);

/* The one that means this camera and no other: by-id or, where there is none or it is shared, by-path. NULL: neither. */
const char *device_links_best(const struct device_links *links);

/* What is known of the camera of an input; all zero: nothing yet. */
struct device_id {
	bool is_camera;      /* it was open once */
	char link[PATH_MAX]; /* its own; "": none is known */
	char node[PATH_MAX]; /* where it was the last time */
};

/* True for the node of a V4L2 device, or a link to one. */
bool device_id_is_camera(const char *path);

/*
 * Note where a camera is that has just been opened by device_id_path(); path is what the user calls it. A path that is a
 * link itself is kept. True: it was elsewhere the last time.
 */
bool device_id_remember(struct device_id *id, const char *directory, const char *path);

/*
 * What is to be opened for path: the camera's link once it is known, whether or not that is there now. What has
 * taken its number meanwhile is another camera.
 */
const char *device_id_path(const struct device_id *id, const char *path);

#endif
