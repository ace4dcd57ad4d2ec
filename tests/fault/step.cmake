# Single steps (ptrace): a process killed or stopped after each instruction.
#
# libzoetrope's code gets a section of its own, so that an address tells whether it is inside.
find_package(Threads REQUIRED)
set(ZOE_STEP_LIBRARY ${CMAKE_CURRENT_BINARY_DIR}/libzoetrope_step.a)
add_custom_command(OUTPUT ${ZOE_STEP_LIBRARY}
	COMMAND ${CMAKE_OBJCOPY} --rename-section .text=zoe_text --rename-section .text.unlikely=zoe_text
		--rename-section .text.startup=zoe_text --rename-section .text.hot=zoe_text
		$<TARGET_FILE:zoetrope_static> ${ZOE_STEP_LIBRARY}
	DEPENDS zoetrope_static VERBATIM)
add_custom_target(zoetrope_step_archive DEPENDS ${ZOE_STEP_LIBRARY})

# zoe_step(NAME SOURCE...): a program whose children are stepped through.
function(zoe_step name main)
	# Written for one kind of processor; elsewhere the program says so and is skipped.
	if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|AMD64")
		add_executable(${name} ${main})
		return()
	endif()
	add_executable(${name} ${main} ${ARGN} step_trace.c step_name.c step_stage.c step_capture.c)
	add_dependencies(${name} zoetrope_step_archive)
	target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/common)
	target_link_libraries(${name} PRIVATE zoe_flags zoe_program)
	target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/common/include)
	target_link_libraries(${name} PRIVATE ${ZOE_STEP_LIBRARY} Threads::Threads ${CMAKE_DL_LIBS})
	set_target_properties(${name} PROPERTIES LINK_DEPENDS ${ZOE_STEP_LIBRARY})
	# No name is looked up while the victim runs.
	target_link_options(${name} PRIVATE LINKER:-z,now)
endfunction()

zoe_step(every-instruction every_instruction.c step_machine.c step_play.c step_reader.c step_writer.c step_watch.c)

# Both victims, killed and stopped, with either mailbox: what is inside libzoetrope thoroughly, the libc by strides.
# (The whole, by hand: every-instruction with nothing but --victim, --action, --mailbox and --cond.)
foreach(mailbox mutex atomic)
	foreach(action kill stop)
		zoe_fault_test(every-instruction-reader-${action}-${mailbox} 300 every-instruction --victim reader
			--action ${action} --mailbox ${mailbox} --inside 3 --stride 17)
		zoe_fault_test(every-instruction-writer-${action}-${mailbox} 600 every-instruction --victim writer
			--action ${action} --mailbox ${mailbox} --inside 7 --stride 97)
	endforeach()
endforeach()
