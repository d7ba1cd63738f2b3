# `cmake --install BUILD --prefix DIR` makes a folder that runs on another x86-64 Linux without any package: the program
# in bin, every library but glibc's in lib, found by a path relative to the program, licences in share/doc. The physics
# data are inside the program. glibc and the loader belong to the machine, so that the folder needs one that is not
# older than that of the machine it was made on; so does libcuda, which belongs to the driver.
function(ytterby_install_portable program)
  set_target_properties(${program} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
  # DT_RPATH rather than DT_RUNPATH, since libraries look there for the libraries that they need themselves.
  target_link_options(${program} PRIVATE "LINKER:--disable-new-dtags")
  install(TARGETS ${program} RUNTIME_DEPENDENCY_SET ${program}_libraries RUNTIME DESTINATION bin)
  install(RUNTIME_DEPENDENCY_SET ${program}_libraries
    PRE_EXCLUDE_REGEXES "^ld-linux" "^libcuda\\.so"
      "^lib(c|m|dl|rt|pthread|resolv|nsl|util|anl|mvec|nss_[a-z]+)\\.so"
    RUNTIME DESTINATION lib LIBRARY DESTINATION lib)
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/README.md" DESTINATION share/doc/${program})
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/io/python/ytterby" DESTINATION share/${program}/python FILES_MATCHING PATTERN "*.py")
  install(FILES "${PROJECT_SOURCE_DIR}/io/python/results.ipynb" DESTINATION share/doc/${program})
  # What shells and man know of the command line, the program says itself.
  install(CODE "set(program \"$<TARGET_FILE:${program}>\")\nset(name ${program})")
  install(SCRIPT "${PROJECT_SOURCE_DIR}/cmake/install_completion.cmake")
  # DCMTK reads its dictionary at run time; the program finds this one (main.cpp).
  file(GLOB dictionary /usr/share/libdcmtk*/dicom.dic /usr/share/dcmtk*/dicom.dic)
  if(dictionary)
    list(GET dictionary 0 dictionary)
    install(FILES "${dictionary}" DESTINATION share/${program})
  endif()
  install(SCRIPT "${PROJECT_SOURCE_DIR}/cmake/install_notices.cmake")
endfunction()
