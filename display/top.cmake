# zoe-top: no window, no FFmpeg.
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZOE_TOP_LIBRARIES REQUIRED IMPORTED_TARGET jansson)

add_executable(zoe-top
	top/json.c
	top/main.c
	top/table.c
	top/text.c
)
target_link_libraries(zoe-top PRIVATE zoe_flags zoe_program zoetrope::zoetrope PkgConfig::ZOE_TOP_LIBRARIES)
install(TARGETS zoe-top)
zoe_man(zoe-top.1)
