# zoe-events: no window, no FFmpeg.
add_executable(zoe-events
	events/json.c
	events/main.c
	events/settings.c
)
target_link_libraries(zoe-events PRIVATE zoe_flags zoe_program zoetrope::zoetrope PkgConfig::ZOE_TOP_LIBRARIES)
install(TARGETS zoe-events)
zoe_man(zoe-events.1)
