#include "lib/bus/curve_keys.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <zmq.h>

#include "lib/bus/tcp_address.h"
#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;

namespace {

struct KeysFixture {
  std::string Write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = folder.File(name);
    std::ofstream(path, std::ios::binary) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  static std::string FaultOf(const std::string& endpoint) {
    const auto address = ResolveTcp(endpoint);
    return address.ok() ? "" : address.error().detail;
  }

  TempFolder folder;
  const CurveKeys keys = NewCurveKeys();
  const std::string secret_line = "thresh-secret-key " + KeyText(keys.secret_key);
  const std::string public_line = "thresh-public-key " + KeyText(keys.public_key);
};

}  // namespace

TEST_SUITE("Keys for TCP") {
  TEST_CASE("libzmq has CURVE") {
    CHECK(zmq_has("curve") == 1);
  }

  TEST_CASE_FIXTURE(KeysFixture,
                    "a pair that was written is read back, the public key from the secret one") {
    const std::string name = folder.File("worker");
    REQUIRE(WriteCurveKeys(name, keys).ok());
    const auto read = ReadSecretKey(name + ".key");
    REQUIRE(read.ok());
    CHECK(read->secret_key == keys.secret_key);
    CHECK(read->public_key == keys.public_key);
    CHECK(*ReadPublicKey(name + ".pub") == keys.public_key);
    CHECK(ReadPublicKeys(name + ".pub")->at(keys.public_key) == "worker");
    CHECK(!WriteCurveKeys(name, keys).ok());
  }

  TEST_CASE_FIXTURE(KeysFixture,
                    "a list may have comments, empty lines, many keys, and no end of line") {
    const CurveKeys other = NewCurveKeys();
    const std::string list =
        Write("list", "# ours\n\n  " + public_line + " a b\r\n\tthresh-public-key\t" +
                          KeyText(other.public_key));
    const auto read = ReadPublicKeys(list);
    REQUIRE(read.ok());
    CHECK(read->size() == 2);
    CHECK(read->at(keys.public_key) == "a");
    CHECK(read->at(other.public_key).empty());
    CHECK(!ReadPublicKey(list).ok());
  }

  TEST_CASE_FIXTURE(KeysFixture, "a line that is cut anywhere, or changed, is refused") {
    for (std::size_t size = 0; size < secret_line.size(); ++size) {
      CHECK(!ReadSecretKey(Write("cut", secret_line.substr(0, size))).ok());
    }
    for (std::size_t i = 0; i < secret_line.size(); ++i) {
      std::string changed = secret_line;
      changed[i] = 'G';
      CHECK(!ReadSecretKey(Write("changed", changed)).ok());
    }
    CHECK(!ReadSecretKey(Write("two", secret_line + "\n" + secret_line)).ok());
    CHECK(!ReadSecretKey(Write("nul", std::string(200, '\0'))).ok());
  }

  TEST_CASE_FIXTURE(KeysFixture,
                    "a secret key that others may read is refused, but the service manager's") {
    for (const mode_t mode : {0640, 0604, 0620, 0666}) {
      CHECK(!ReadSecretKey(Write("open", secret_line, mode)).ok());
    }
    Write("open", secret_line, 0440);
    ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
    CHECK(ReadSecretKey("open").ok());
    CHECK(!ReadSecretKey(folder.File("open")).ok());
    ::unsetenv("CREDENTIALS_DIRECTORY");
    CHECK(ReadSecretKey("open").error().code == Errc::kNotFound);
  }
}

TEST_SUITE("TCP endpoints") {
  TEST_CASE("an address in numbers stays as it is, and says whether others reach it") {
    CHECK(ResolveTcp("tcp://10.1.2.3:70")->endpoint == "tcp://10.1.2.3:70");
    CHECK(ResolveTcp("tcp://10.1.2.3:70")->port == 70);
    CHECK_FALSE(ResolveTcp("tcp://10.1.2.3:70")->is_loopback);
    CHECK_FALSE(ResolveTcp("tcp://0.0.0.0:0")->is_loopback);
    CHECK_FALSE(ResolveTcp("tcp://*:70")->is_loopback);
    CHECK(ResolveTcp("tcp://127.255.0.1:70")->is_loopback);
    CHECK(ResolveTcp("tcp://[::1]:70")->is_loopback);
    CHECK(ResolveTcp("tcp://[::1]:70")->endpoint == "tcp://[::1]:70");
    CHECK_FALSE(ResolveTcp("tcp://[::]:70")->is_loopback);
    CHECK_FALSE(ResolveTcp("tcp://[::ffff:127.0.0.1]:70")->is_loopback);  // Strict is safe.
    CHECK(ResolveTcp("tcp://localhost:70")->is_loopback);
  }

  TEST_CASE_FIXTURE(KeysFixture, "what is no endpoint is refused") {
    for (const std::string endpoint :
         {"", "tcp://", "tcp://h", "tcp://:1", "tcp://h:", "tcp://h:65536", "tcp://h:-1",
          "tcp://h:1 ", "tcp://::1:1", "tcp://[]:1", "ipc://x:1", "TCP://h:1"}) {
      CAPTURE(endpoint);
      CHECK(FaultOf(endpoint).find("expected tcp://HOST:PORT") != std::string::npos);
    }
  }
}
