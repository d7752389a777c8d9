# Every target of the project is made by one of the three functions below.
find_package(PkgConfig REQUIRED)
foreach(package httplib:cpp-httplib edit:libedit uv:libuv curl:libcurl zmq:libzmq re2:re2 xxhash:libxxhash icu:icu-uc
    simdjson:simdjson expat:expat crypto:libcrypto zlib:zlib psl:libpsl rocksdb:rocksdb zstd:libzstd seccomp:libseccomp deflate:libdeflate
    brotli:libbrotlidec systemd:libsystemd)
  string(REPLACE ":" ";" pair ${package})
  list(GET pair 0 name)
  list(GET pair 1 module)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
endforeach()
find_library(roaring_LIBRARY roaring REQUIRED)  # Debian's roaring-config.cmake lacks its targets.
add_library(roaring INTERFACE IMPORTED)
target_link_libraries(roaring INTERFACE ${roaring_LIBRARY})
find_library(http_parser_LIBRARY http_parser REQUIRED)  # It has no .pc file.
add_library(http_parser INTERFACE IMPORTED)
target_link_libraries(http_parser INTERFACE ${http_parser_LIBRARY})
find_package(Protobuf REQUIRED)

# Our own flags. Warnings are for our code only: system headers stay quiet.
add_library(thresh_build INTERFACE)
target_compile_features(thresh_build INTERFACE cxx_std_20)
target_include_directories(thresh_build INTERFACE ${PROJECT_SOURCE_DIR})
# Members left out of an initialiser list have defaults of their own: that is what they are for.
target_compile_options(thresh_build INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wno-missing-field-initializers)
# A library that is loaded for nothing is paid for at every start.
target_link_options(thresh_build INTERFACE -Wl,--as-needed)
if(THRESH_DEV)
  target_compile_options(thresh_build INTERFACE -Werror)
endif()
if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)  # Then the linker sees types that have the same name.
  target_link_options(thresh_build INTERFACE -Werror=odr)
endif()
if(THRESH_SANITIZE)
  target_compile_options(thresh_build INTERFACE -Wno-maybe-uninitialized)  # GCC 12 sees some that are none.
  target_compile_options(thresh_build INTERFACE -fsanitize=${THRESH_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(thresh_build INTERFACE -fsanitize=${THRESH_SANITIZE})
endif()

# thresh_library(name SOURCES a.cc HEADERS a.h [PUBLIC used in headers] [PRIVATE used in .cc])
function(thresh_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE")
  add_library(${name} STATIC ${arg_SOURCES})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(${name} PUBLIC thresh_build ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

# thresh_daemon(name main.cc libraries...): a process is one main.cc over libraries.
function(thresh_daemon name main)
  add_executable(${name} ${main})
  target_link_libraries(${name} PRIVATE thresh_build ${ARGN})
  install(TARGETS ${name} RUNTIME)
endfunction()

# thresh_test(a/b_test.cc libraries...): one executable and one ctest entry a file.
function(thresh_test file)
  string(REGEX REPLACE "[/.]" "_" name ${file})
  add_executable(${name} ${file})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE thresh_doctest_main ${ARGN})
  target_compile_options(${name} PRIVATE -O1)  # Its own code: what it tests is built as ever.
  target_compile_definitions(${name} PRIVATE THRESH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${file} COMMAND ${name})
  set_tests_properties(${file} PROPERTIES TIMEOUT 600 SKIP_REGULAR_EXPRESSION "SKIPPED: ")
endfunction()

# thresh_systemd_test(systemd/a_test.py [SERIAL]): looks at the Debian package in a box that boots systemd. The
# package is made of this build, once for all of them.
function(thresh_systemd_test file)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "" "")
  if(NOT TEST systemd/package)
    add_test(NAME systemd/package COMMAND sh -c "umask 022; exec cpack" WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
    set_tests_properties(systemd/package PROPERTIES FIXTURES_SETUP thresh_package TIMEOUT 600)
  endif()
  add_test(NAME ${file} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  set_tests_properties(${file} PROPERTIES
    TIMEOUT 900
    RUN_SERIAL ${arg_SERIAL}
    FIXTURES_REQUIRED thresh_package
    ENVIRONMENT "THRESH_PACKAGES=${PROJECT_BINARY_DIR}/packages;THRESH_BOX_BINDS=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endfunction()

# thresh_flow_test(flow/a_test.py [SERIAL]): drives the real programs. SERIAL: alone on the machine.
function(thresh_flow_test file)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "" "")
  add_test(NAME ${file} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  set_tests_properties(${file} PROPERTIES
    TIMEOUT 600
    RUN_SERIAL ${arg_SERIAL}
    ENVIRONMENT "THRESH_BIN=${PROJECT_BINARY_DIR}/bin;PYTHONDONTWRITEBYTECODE=1"
    SKIP_REGULAR_EXPRESSION "OK \\(skipped=")
endfunction()
