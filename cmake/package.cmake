# The Debian packages: `scripts/package`. Each is a component of what is installed; those that are
# added to CPACK_COMPONENTS_ALL have variables CPACK_DEBIAN_<NAME>_… of their own.
set(THRESH_MAINTAINER "thresh maintainers <maintainers@thresh.dev>" CACHE STRING
  "Who made the packages: a name and a mail address")
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL thresh python)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_SET_DESTDIR ON)  # Some files go to /etc, wherever the rest goes.
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT ${THRESH_MAINTAINER})
set(CPACK_PACKAGE_VENDOR thresh)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_THRESH_PACKAGE_NAME thresh)
set(CPACK_DEBIAN_THRESH_PACKAGE_SECTION net)
set(CPACK_DEBIAN_THRESH_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_THRESH_PACKAGE_DEPENDS
  "systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles, publicsuffix")
set(CPACK_DEBIAN_THRESH_PACKAGE_RECOMMENDS "ca-certificates, logrotate, zstd")
set(CPACK_COMPONENT_THRESH_DESCRIPTION "turns URLs into records, exactly once
A fetcher downloads pages, as many parser processes as one likes extract
what a recipe says, and a sink appends it to NDJSON files that one can
follow with tail.
.
Whatever is killed at whatever moment: each URL that was accepted ends as
done, as dropped by a rule or as a dead letter with a reason, and each
record is in the output once. The daemons run under systemd; a crawl in
one command needs nothing else.")
set(control ${PROJECT_SOURCE_DIR}/systemd/debian)
set(CPACK_DEBIAN_THRESH_PACKAGE_CONTROL_EXTRA
  ${control}/conffiles ${control}/preinst ${control}/postinst ${control}/prerm ${control}/postrm)

set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME thresh-python)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SOURCE thresh)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
set(CPACK_DEBIAN_PYTHON_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS
  "python3 (>= 3.11), python3-zmq, python3-protobuf (>= 3.21), python3-msgpack, libbrotli1, libzstd1")
set(CPACK_DEBIAN_PYTHON_PACKAGE_RECOMMENDS thresh)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SUGGESTS "python3-bs4, python3-lxml")
set(CPACK_COMPONENT_PYTHON_DESCRIPTION "functions of Python as parsers of thresh
A function that takes a page's text and gives back records works as one of
the parsers of a crawl, beside native ones: thresh-parser-py. The module
thresh begins crawls from a program or a notebook, feeds URLs to one that
runs, and follows the records as they are written.")
set(CPACK_DEBIAN_PYTHON_PACKAGE_CONTROL_EXTRA
  ${PROJECT_SOURCE_DIR}/clients/python/debian/postinst ${PROJECT_SOURCE_DIR}/clients/python/debian/prerm)

# Debian's own documents. The changelog is made of the fragments; it has one entry.
set(documents ${PROJECT_BINARY_DIR}/systemd/documents)
install(FILES systemd/debian/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/thresh)
foreach(component thresh python)  # Whichever is packed first.
  install(CODE "execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/make_changelog
      ${PROJECT_VERSION} \"${THRESH_MAINTAINER}\" ${documents}/changelog.gz
      COMMAND_ERROR_IS_FATAL ANY)" COMPONENT ${component})
endforeach()
install(FILES ${documents}/changelog.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/thresh)
install(FILES ${documents}/changelog.gz systemd/debian/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/thresh-python
  COMPONENT python)
include(CPack)
