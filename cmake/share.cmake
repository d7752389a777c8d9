# What is made of the daemons' tables of options: the commented thresh.toml, and manual pages.
include(GNUInstallDirs)
set(share ${PROJECT_BINARY_DIR}/share)
file(MAKE_DIRECTORY ${share})
set(manuals thresh-fetcher.8 thresh-parser.8 thresh-sink.8 thresh-web.8 thresh.toml.5)
set(made ${share}/thresh.toml)
add_custom_command(OUTPUT ${share}/thresh.toml
  COMMAND thresh-sink --print-config > ${share}/thresh.toml
  DEPENDS thresh-sink VERBATIM)
foreach(page ${manuals})
  add_custom_command(OUTPUT ${share}/${page} ${share}/${page}.gz
    COMMAND thresh-sink --print-man ${page} > ${share}/${page}
    COMMAND gzip -9 -n -k -f ${share}/${page}
    DEPENDS thresh-sink VERBATIM)
  list(APPEND made ${share}/${page})
  string(REGEX REPLACE "^.*\\." "" section ${page})
  install(FILES ${share}/${page}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
set(page ${share}/thresh.1)
add_custom_command(OUTPUT ${page} ${page}.gz
  COMMAND ${PROJECT_SOURCE_DIR}/scripts/make_manual $<TARGET_FILE:thresh> > ${page}
  COMMAND gzip -9 -n -k -f ${page}
  DEPENDS thresh thresh-commands ${PROJECT_SOURCE_DIR}/scripts/make_manual VERBATIM)
list(APPEND made ${page})
install(FILES ${page}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
file(WRITE ${share}/thresh-commands.1 ".so man1/thresh.1\n")
execute_process(COMMAND gzip -9 -n -k -f ${share}/thresh-commands.1 COMMAND_ERROR_IS_FATAL ANY)
install(FILES ${share}/thresh-commands.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
add_custom_target(thresh_share ALL DEPENDS ${made})
