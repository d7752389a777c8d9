#include "lib/base/redact.h"

#include <chrono>

#include <doctest/doctest.h>

using thresh::IsSecretField;
using thresh::Redact;

TEST_CASE("user name and password of a URL are hidden") {
  CHECK(Redact("https://joe:pw@example.org/a") == "https://[redacted]@example.org/a");
  CHECK(Redact("https://token@example.org") == "https://[redacted]@example.org");
  CHECK(Redact("ftp://a@b:c@example.org/x@y") == "ftp://[redacted]@example.org/x@y");
  CHECK(Redact("found http://joe:p w@h/ here") == "found http://[redacted]@h/ here");
  CHECK(Redact("\"http://u:p@[::1]:8080/\"") == "\"http://[redacted]@[::1]:8080/\"");
}

TEST_CASE("what only looks like one stays") {
  for (const char* text : {"https://example.org/mail@example.org", "https://example.org?m=a@b",
                           "https://example.org:8080 (ask a@b)", "://@", "https://@host/",
                           "mail joe@example.org", "a://", ":", "http://h/#u:p@x"}) {
    CHECK(Redact(text) == text);
  }
}

TEST_CASE("headers with credentials are hidden to the end of their line or quotes") {
  CHECK(Redact("Authorization: Bearer abc") == "Authorization: [redacted]");
  CHECK(Redact("cookie: a=b; c=d\r\nhost: x") == "cookie: [redacted]\r\nhost: x");
  CHECK(Redact("SET-COOKIE:id=1") == "SET-COOKIE:[redacted]");
  CHECK(Redact("Proxy-Authorization : Basic eA==") == "Proxy-Authorization : [redacted]");
  CHECK(Redact(R"({"Authorization": "Bearer \"x\" y", "accept": "a"})") ==
        R"({"Authorization": "[redacted]", "accept": "a"})");
  CHECK(Redact("found \"Cookie: a=b\" there") == "found \"Cookie: [redacted]\" there");
}

TEST_CASE("words that hold a header's name are no headers") {
  for (const char* text : {"fetch.cookies: expected a table", "nocookie: x", "a cookie jar",
                           "authorization", "author: x"}) {
    CHECK(Redact(text) == text);
  }
}

TEST_CASE("parameters whose name ends with a word for secrets have no value") {
  CHECK(Redact("https://x/?key=abc&page=2") == "https://x/?key=[redacted]&page=2");
  CHECK(Redact("https://x/?a=1&API_KEY=abc#top") == "https://x/?a=1&API_KEY=[redacted]#top");
  CHECK(Redact("?access_token=a&client_secret=b;c") ==
        "?access_token=[redacted]&client_secret=[redacted]");
  CHECK(Redact("GET /?X-Amz-Signature=00ff HTTP/1.1") ==
        "GET /?X-Amz-Signature=[redacted] HTTP/1.1");
  CHECK(Redact("token=abc&n=1") == "token=[redacted]&n=1");
  CHECK(Redact("https://x/#access_token=abc") == "https://x/#access_token=[redacted]");
}

TEST_CASE("names may be percent-encoded, and queries stand in queries") {
  CHECK(Redact("?%74oke%6E=abc") == "?%74oke%6E=[redacted]");
  CHECK(Redact("?url=http%3A%2F%2Fh%2F%3Fa%3D1%26token%3Dabc%26b%3D2&c=3") ==
        "?url=http%3A%2F%2Fh%2F%3Fa%3D1%26token%3D[redacted]%26b%3D2&c=3");
}

TEST_CASE("other parameters, and words about them, stay") {
  for (const char* text : {"https://x/?q=key&keys=2&tokens=3", "expected KEY=VALUE",
                           "key=", "https://x/?key=", "key", "a%3D", "%", "%3", "=", ""}) {
    CHECK(Redact(text) == text);
  }
}

TEST_CASE("what is redacted once stays as it is") {
  const std::string once = Redact("http://a:b@h/?key=x Cookie: y");
  CHECK(Redact(once) == once);
}

TEST_CASE("fields whose name says so are never shown") {
  CHECK(IsSecretField("Authorization"));
  CHECK(IsSecretField("token"));
  CHECK_FALSE(IsSecretField("key"));
  CHECK_FALSE(IsSecretField("why"));
}

TEST_CASE("a long hostile text takes time in proportion to its length") {
  for (const std::string piece : {"://", "a://b", "=", "%3d", "key=", "&key%3d", "cookie:", "\"",
                                  "p", "://a:b ", "'authorization' "}) {
    std::string text;
    while (text.size() < (4U << 20U)) text += piece;
    const auto begin = std::chrono::steady_clock::now();
    CHECK(!Redact(text).empty());
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
  }
}
