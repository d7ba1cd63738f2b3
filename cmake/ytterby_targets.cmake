# How our own targets are compiled: through two interface targets, never through global flags.

find_package(Threads REQUIRED)

# No -Wpedantic: the ledger's sums are __int128, which ISO C++ does not know.
add_library(ytterby_warnings INTERFACE)
set(_warnings -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wunused
              -Wduplicated-cond -Wlogical-op -Wformat=2 -Wextra-semi)
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(REMOVE_ITEM _warnings -Wduplicated-cond -Wlogical-op)
endif()
target_compile_options(ytterby_warnings INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${_warnings}>")

# Contraction into fused multiply-add would give every instruction level other bits than the sources say.
add_library(ytterby_options INTERFACE)
target_compile_options(ytterby_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>
  $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-ffp-contract=off>)
target_link_libraries(ytterby_options INTERFACE Threads::Threads)
if(YTTERBY_SANITIZE)
  target_compile_options(ytterby_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${YTTERBY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g>)
  target_link_options(ytterby_options INTERFACE -fsanitize=${YTTERBY_SANITIZE})
  message(STATUS "YTTERBY_SANITIZE: ${YTTERBY_SANITIZE}")
endif()

# ytterby_library(NAME SOURCES...): static library ytterby_NAME, alias ytterby::NAME; an interface library while the
# folder has no sources. Sets NAME_scope to PUBLIC or INTERFACE for the caller's target_* commands.
function(ytterby_library name)
  if(ARGN)
    add_library(ytterby_${name} STATIC ${ARGN})
    set(scope PUBLIC)
    target_link_libraries(ytterby_${name} PRIVATE ytterby_warnings)
  else()
    add_library(ytterby_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(ytterby::${name} ALIAS ytterby_${name})
  target_include_directories(ytterby_${name} ${scope} "${PROJECT_SOURCE_DIR}")
  target_link_libraries(ytterby_${name} ${scope} ytterby_options)
  set(${name}_scope ${scope} PARENT_SCOPE)
endfunction()
