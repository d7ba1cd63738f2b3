# ytterby_older_glibc(TARGET VERSION): a second program, TARGET_portable, that runs with glibc VERSION although this machine's
# is newer: linked again with the older versions of every symbol that TARGET takes in a newer one (older_glibc/). Where that
# cannot be done (not x86-64, no Python, a glibc before 2.35, which needs no more than this) it is the same program once more.
function(ytterby_older_glibc target version)
  get_target_property(sources ${target} SOURCES)
  get_target_property(libraries ${target} LINK_LIBRARIES)
  get_target_property(options ${target} LINK_OPTIONS)
  add_executable(${target}_portable ${sources})
  target_link_libraries(${target}_portable PRIVATE ${libraries})
  target_link_options(${target}_portable PRIVATE ${options})
  find_package(Python3 QUIET COMPONENTS Interpreter)
  include(CheckCXXSymbolExists)
  set(CMAKE_REQUIRED_DEFINITIONS -D_GNU_SOURCE)
  check_cxx_symbol_exists(_dl_find_object dlfcn.h YTTERBY_GLIBC_FINDS_OBJECTS)
  if(NOT Python3_Interpreter_FOUND OR NOT YTTERBY_GLIBC_FINDS_OBJECTS OR NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    return()
  endif()
  set(folder "${PROJECT_SOURCE_DIR}/cmake/older_glibc")
  set(made "${CMAKE_CURRENT_BINARY_DIR}/${target}_older_glibc.cpp")
  add_custom_command(OUTPUT "${made}"
    COMMAND "${Python3_EXECUTABLE}" "${folder}/older_glibc.py" "$<TARGET_FILE:${target}>" ${version} "${made}" "${CMAKE_CXX_COMPILER}"
    DEPENDS ${target} "${folder}/older_glibc.py" "${folder}/shims.cpp" VERBATIM)
  target_sources(${target}_portable PRIVATE "${made}" "${folder}/shims.cpp")
  set_source_files_properties("${folder}/shims.cpp" "${made}" PROPERTIES COMPILE_OPTIONS "-w")
  # Before 2.34 these were libraries of their own.
  target_link_options(${target}_portable PRIVATE "LINKER:--no-as-needed" -l:libpthread.so.0 -l:libdl.so.2 -l:librt.so.1)
endfunction()
