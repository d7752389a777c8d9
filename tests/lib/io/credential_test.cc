// FindCredential(): the service manager's folder goes first, for plain names.

#include "lib/io/credential.h"

#include <cstdlib>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace thresh;

namespace {

struct Fixture {
  Fixture() {
    setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
    std::ofstream(folder.path() + "/key") << "k";
  }
  ~Fixture() { unsetenv("CREDENTIALS_DIRECTORY"); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  test::TempFolder folder;
};

}  // namespace

TEST_SUITE("FindCredential") {
  TEST_CASE_FIXTURE(Fixture, "a plain name is that of the service manager's file") {
    CHECK(FindCredential("key").path == folder.path() + "/key");
    CHECK(FindCredential("key").by_service_manager);
  }

  TEST_CASE_FIXTURE(Fixture, "what it has not, and what has a slash, is a path as all are") {
    CHECK(FindCredential("other").path == "other");
    CHECK(FindCredential("./key").path == "./key");
    CHECK_FALSE(FindCredential("./key").by_service_manager);
  }

  TEST_CASE("without a service manager nothing is special") {
    unsetenv("CREDENTIALS_DIRECTORY");
    CHECK(FindCredential("key").path == "key");
  }
}
