# zoe-top: no window, no FFmpeg.
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZOE_TOP_LIBRARIES REQUIRED IMPORTED_TARGET GLOBAL jansson)
pkg_check_modules(ZOE_NCURSES IMPORTED_TARGET ncurses)

# All but main() and the screen: for the program, and for its unit tests.
add_library(zoe_top_modules STATIC
	top/clean.c
	top/json.c
	top/look.c
	top/order.c
	top/prometheus.c
	top/table.c
	top/text.c
	top/view.c
	top/wait.c
)
target_include_directories(zoe_top_modules PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}
	PRIVATE ${PROJECT_SOURCE_DIR}/common/include)
target_link_libraries(zoe_top_modules PRIVATE zoe_flags PUBLIC zoe_program PkgConfig::ZOE_TOP_LIBRARIES)

if(ZOE_NCURSES_FOUND)
	add_executable(zoe-top top/main.c top/screen.c top/screen_draw.c top/screen_keys.c)
	target_link_libraries(zoe-top PRIVATE PkgConfig::ZOE_NCURSES)
else()
	message(STATUS "zoe-top has no live table: ncurses' development files are missing (libncurses-dev)")
	add_executable(zoe-top top/main.c top/screen_none.c)
endif()
target_link_libraries(zoe-top PRIVATE zoe_flags zoe_top_modules zoetrope::zoetrope)
install(TARGETS zoe-top)
zoe_man(zoe-top.1)
