# What `cmake --install` installs beside the programs, and what the packages are made of.
include(GNUInstallDirs)

install(FILES cli/completion/thresh DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
foreach(daemon thresh-fetcher thresh-parser thresh-sink thresh-web)  # bash looks for a file of the command's name.
  install(FILES cli/completion/thresh DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME ${daemon})
endforeach()
install(DIRECTORY recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/thresh)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/thresh)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/thresh/docs
  FILES_MATCHING PATTERN "*.md" PATTERN adr EXCLUDE PATTERN protocol EXCLUDE)
install(FILES proto/README.md proto/thresh.proto DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/thresh/proto)
add_subdirectory(systemd)
include(package)
