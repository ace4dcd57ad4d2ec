/* SPDX-License-Identifier: BSD-2-Clause */
#include "device_id.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define V4L2_MAJOR 81

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * The link in a folder that leads to the node. Newer releases of udev give two of one port (usb-…, usbv2-…): the first by
 * name, whatever the folder's order. False: none, and found is "".
 */
static bool find_link(char *found, const char *folder, const struct stat *node)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;

	found[0] = '\0';
	while (directory && (entry = readdir(directory))) {
		char path[PATH_MAX];
		struct stat target;
		if (snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= (int)sizeof(path) ||
			stat(path, &target) < 0 || !is_same(&target, node))
			continue;
		if (!found[0] || strcmp(path, found) < 0)
			memcpy(found, path, sizeof(path));
	}
	if (directory)
		closedir(directory);
	return found[0] != '\0';
}

/* udev gives each USB camera a by-id link: one that has none lost it to a camera of the same name. */
static bool has_lost_its_id(const char *path, const char *by_id)
{
	struct stat node;
	char link[PATH_MAX];

	return strstr(path, "-usb") && stat(path, &node) == 0 && !find_link(link, by_id, &node);
}

static bool one_has_lost_its_id(const char *by_path, const char *by_id)
{
	DIR *directory = opendir(by_path);
	struct dirent *entry;
	bool lost = false;

	while (directory && !lost && (entry = readdir(directory))) {
		char path[PATH_MAX];
		lost = snprintf(path, sizeof(path), "%s/%s", by_path, entry->d_name) < (int)sizeof(path) &&
			has_lost_its_id(path, by_id);
	}
	if (directory)
		closedir(directory);
	return lost;
}

void device_links_find(struct device_links *links, const char *directory, const char *path)
{
	char by_id[PATH_MAX], by_path[PATH_MAX];
	struct stat node;

	*links = (struct device_links){ 0 };
	if (stat(path, &node) < 0 || snprintf(by_id, sizeof(by_id), "%s/by-id", directory) >= (int)sizeof(by_id) ||
		snprintf(by_path, sizeof(by_path), "%s/by-path", directory) >= (int)sizeof(by_path))
		return;
	find_link(links->by_path, by_path, &node);
	if (find_link(links->by_id, by_id, &node))
		links->has_twin = one_has_lost_its_id(by_path, by_id);
}

const char *device_links_best(const struct device_links *links)
{
	if (links->by_id[0] && !(links->has_twin && links->by_path[0]))
		return links->by_id;
	return links->by_path[0] ? links->by_path : NULL;
}

bool device_id_is_camera(const char *path)
{
	struct stat node;

	return stat(path, &node) == 0 && S_ISCHR(node.st_mode) && major(node.st_rdev) == V4L2_MAJOR;
}

static void find_own_link(struct device_id *id, const char *directory, const char *path)
{
	struct device_links links;
	struct stat named;

	if (lstat(path, &named) < 0 || S_ISLNK(named.st_mode))
		return;
	device_links_find(&links, directory, path);
	const char *best = device_links_best(&links);
	snprintf(id->link, sizeof(id->link), "%s", best ? best : "");
}

bool device_id_remember(struct device_id *id, const char *directory, const char *path)
{
	char node[PATH_MAX];

	if (!id->link[0])
		find_own_link(id, directory, path);
	id->is_camera = true;
	if (!realpath(device_id_path(id, path), node))
		return false;
	bool has_moved = id->node[0] && strcmp(id->node, node) != 0;
	memcpy(id->node, node, sizeof(node));
	return has_moved;
}

const char *device_id_path(const struct device_id *id, const char *path)
{
	return id->link[0] ? id->link : path;
}
