# Writes OUTPUT from INPUT with the commit of SOURCE_DIR; run at build time, touches the file only when it changes.
set(YTTERBY_GIT_COMMIT "unknown")
find_package(Git QUIET)
if(GIT_FOUND AND EXISTS "${SOURCE_DIR}/.git")
  execute_process(COMMAND "${GIT_EXECUTABLE}" rev-parse --short=12 HEAD WORKING_DIRECTORY "${SOURCE_DIR}"
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(YTTERBY_GIT_COMMIT "${commit}")
    execute_process(COMMAND "${GIT_EXECUTABLE}" diff-index --quiet HEAD -- WORKING_DIRECTORY "${SOURCE_DIR}"
                    ERROR_QUIET RESULT_VARIABLE modified)
    if(modified)
      string(APPEND YTTERBY_GIT_COMMIT "-modified")
    endif()
  endif()
endif()
if(EXISTS "${SOURCE_DIR}/COMMIT")  # sources that tools/gpu-check --bundle has copied
  file(STRINGS "${SOURCE_DIR}/COMMIT" YTTERBY_GIT_COMMIT LIMIT_COUNT 1)
endif()
configure_file("${INPUT}" "${OUTPUT}" @ONLY)
