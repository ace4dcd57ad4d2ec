/* SPDX-License-Identifier: BSD-2-Clause */
/* Links of cameras, as udev makes them, in a folder of the test's own; nodes are files. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device_id.h"

#define A_ID "by-id/usb-Vendor_A_123-video-index0"
#define A_PATH "by-path/pci-0000:00:14.0-usb-0:5:1.0-video-index0"
#define B_ID "by-id/usb-Vendor_B-video-index0"
#define B_PATH "by-path/pci-0000:00:14.0-usb-0:6:1.0-video-index0"

static char folder[] = "/tmp/zoe-device-id-XXXXXX";
static struct device_links links;
static struct device_id id;

static void begin(void)
{
	cr_assert(mkdtemp(folder) && chdir(folder) == 0 && mkdir("by-id", 0700) == 0 && mkdir("by-path", 0700) == 0);
}

static void end(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert(chdir("/") == 0 && system(command) == 0);
}

TestSuite(device_id, .init = begin, .fini = end);

static const char *in_folder(const char *name)
{
	static char paths[4][128];
	static unsigned n;
	char *path = paths[n++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void plug_in(const char *node, const char *by_id, const char *by_path)
{
	FILE *file = fopen(node, "w");

	cr_assert(file && fclose(file) == 0);
	cr_assert(!by_id || symlink(in_folder(node), by_id) == 0);
	cr_assert(!by_path || symlink(in_folder(node), by_path) == 0);
}

static void pull_out(const char *node, const char *by_id, const char *by_path)
{
	cr_assert(unlink(node) == 0 && (!by_id || unlink(by_id) == 0) && (!by_path || unlink(by_path) == 0));
}

static void open_again_at(const char *input, const char *expected)
{
	cr_assert_str_eq(device_id_path(&id, in_folder(input)), in_folder(expected));
}

Test(device_id, links_of_a_node)
{
	plug_in("video0", A_ID, A_PATH);
	plug_in("video2", B_ID, B_PATH);
	device_links_find(&links, folder, in_folder("video2"));
	cr_assert_str_eq(links.by_id, in_folder(B_ID));
	cr_assert_str_eq(links.by_path, in_folder(B_PATH));
	cr_assert_str_eq(device_links_best(&links), in_folder(B_ID));
	device_links_find(&links, folder, in_folder("video1"));
	cr_assert(!links.by_id[0] && !links.by_path[0] && !device_links_best(&links), "a node that is not there");
}

Test(device_id, path_where_there_is_no_id)
{
	plug_in("video0", NULL, "by-path/platform-fe801000.csi-video-index0");
	plug_in("video1", A_ID, A_PATH);
	device_links_find(&links, folder, in_folder("video0"));
	cr_assert(!links.by_id[0]);
	cr_assert_str_eq(device_links_best(&links), in_folder("by-path/platform-fe801000.csi-video-index0"));
	/* One on a board is no USB camera that lost its id. */
	device_links_find(&links, folder, in_folder("video1"));
	cr_assert(!links.has_twin);
}

Test(device_id, first_by_name_of_two_links)
{
	plug_in("video0", NULL, A_PATH);
	cr_assert(symlink(in_folder("video0"), "by-path/pci-0000:00:14.0-usbv2-0:5:1.0-video-index0") == 0);
	device_links_find(&links, folder, in_folder("video0"));
	cr_assert_str_eq(links.by_path, in_folder(A_PATH));
}

Test(device_id, nothing_without_udev)
{
	plug_in("video0", NULL, NULL);
	device_links_find(&links, in_folder("none"), in_folder("video0"));
	cr_assert(!device_links_best(&links));
}

Test(device_id, found_under_another_number)
{
	plug_in("video0", A_ID, A_PATH);
	open_again_at("video0", "video0");
	cr_assert(!device_id_remember(&id, folder, in_folder("video0")) && id.is_camera);
	open_again_at("video0", A_ID);
	cr_assert(!device_id_remember(&id, folder, in_folder("video0")), "it is where it was");

	/* Another takes its number: it is not taken for it, and neither while it is away. */
	pull_out("video0", A_ID, A_PATH);
	plug_in("video0", B_ID, B_PATH);
	open_again_at("video0", A_ID);
	cr_assert(access(A_ID, F_OK) < 0);
	plug_in("video3", A_ID, A_PATH);
	open_again_at("video0", A_ID);
	cr_assert(device_id_remember(&id, folder, in_folder("video0")));
	cr_assert_str_eq(id.node, in_folder("video3"));
	cr_assert(!device_id_remember(&id, folder, in_folder("video0")), "said once");
}

Test(device_id, a_link_is_kept_as_it_is)
{
	plug_in("video0", A_ID, A_PATH);
	cr_assert(symlink(in_folder("video0"), "door") == 0);
	device_id_remember(&id, folder, in_folder("door"));
	open_again_at("door", "door");
	id = (struct device_id){ 0 };
	device_id_remember(&id, folder, in_folder(A_PATH));
	open_again_at(A_PATH, A_PATH);
}

Test(device_id, by_number_where_nothing_is_known)
{
	plug_in("video0", NULL, NULL);
	cr_assert(!device_id_remember(&id, folder, in_folder("video0")));
	open_again_at("video0", "video0");
}

Test(device_id, of_two_alike_the_port_counts)
{
	/* Both would have the same by-id link: the one that came last has it. */
	plug_in("video0", A_ID, A_PATH);
	plug_in("video2", NULL, B_PATH);
	device_links_find(&links, folder, in_folder("video0"));
	cr_assert(links.has_twin && links.by_id[0]);
	device_id_remember(&id, folder, in_folder("video0"));
	open_again_at("video0", A_PATH);
	pull_out("video0", A_ID, A_PATH);
	cr_assert(symlink(in_folder("video2"), A_ID) == 0);
	open_again_at("video0", A_PATH);
}

Test(device_id, what_is_a_camera)
{
	plug_in("video0", A_ID, NULL);
	cr_assert(!device_id_is_camera(in_folder("video0")), "a file");
	cr_assert(!device_id_is_camera("/dev/null"), "another device");
	cr_assert(!device_id_is_camera(in_folder("video1")), "nothing");
}
