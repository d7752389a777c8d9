#include "fetcher/transfer/cookie_jars.h"

#include <string>
#include <utility>

#include <doctest/doctest.h>

using thresh::CookieJars;
using thresh::CookieLimits;
using thresh::HeaderList;
using thresh::Url;

namespace {

constexpr std::int64_t kNow = 1'750'000'000;

struct JarFixture {
  void Start(CookieLimits limits) { jars = CookieJars(limits); }
  void Set(const std::string& url, const std::string& cookie, const std::string& jar = "j") {
    jars.Take(jar, *Url::Parse(url), {{"x", "y"}, {"set-cookie", cookie}}, now);
  }
  std::string Get(const std::string& url, const std::string& jar = "j",
                  const HeaderList& own = {}) {
    return jars.HeaderFor(jar, *Url::Parse(url), own, now);
  }

  std::int64_t now = kNow;
  CookieJars jars;
};

}  // namespace

TEST_SUITE("CookieJars") {
  TEST_CASE_FIXTURE(JarFixture, "what a host sets goes back to it, in the order it was set") {
    Set("http://a.example/x", "one=1");
    Set("http://a.example/x", " two = 2 ; HttpOnly; SameSite=Lax");
    Set("http://a.example/x", "one=11");
    CHECK(Get("http://a.example/y") == "one=11; two=2");
    CHECK(Get("http://b.example/") == "");
    CHECK(Get("http://sub.a.example/") == "");
  }

  TEST_CASE_FIXTURE(JarFixture, "a value may have equals signs, and a cookie no name") {
    Set("http://a.example/", "a=b=c==");
    Set("http://a.example/", "plain");
    CHECK(Get("http://a.example/") == "a=b=c==; plain");
  }

  TEST_CASE_FIXTURE(JarFixture, "a domain takes its hosts in, and is no host beside it") {
    Set("http://www.example.org/", "a=1; Domain=.Example.org");
    CHECK(Get("http://example.org/") == "a=1");
    CHECK(Get("http://x.y.example.org/") == "a=1");
    CHECK(Get("http://notexample.org/") == "");
    Set("http://www.example.org/", "b=1; Domain=other.org");
    Set("http://www.example.org/", "c=1; Domain=deep.www.example.org");
    CHECK(Get("http://www.example.org/") == "a=1");
    CHECK(Get("http://other.org/") == "");
  }

  TEST_CASE_FIXTURE(JarFixture,
                    "nobody sets cookies for a public suffix, or for an address's part") {
    Set("http://shop.co.uk/", "a=1; Domain=co.uk");
    Set("http://shop.co.uk/", "b=1; Domain=uk");
    CHECK(Get("http://other.co.uk/") == "");
    CHECK(Get("http://shop.co.uk/") == "");
    Set("http://127.0.0.1/", "c=1; Domain=0.0.1");
    CHECK(Get("http://127.0.0.1/") == "");
    Set("http://127.0.0.1/", "d=1; Domain=127.0.0.1");
    CHECK(Get("http://127.0.0.1/") == "d=1");
  }

  TEST_CASE_FIXTURE(JarFixture, "a path takes in what lies below it; the longest goes first") {
    Set("http://a.example/shop/list", "dir=1");
    Set("http://a.example/", "all=1; Path=/");
    Set("http://a.example/", "deep=1; Path=/shop/list");
    Set("http://a.example/x/y", "bad=1; Path=relative");
    CHECK(Get("http://a.example/shop/list/1") == "deep=1; dir=1; all=1");
    CHECK(Get("http://a.example/shop") == "dir=1; all=1");
    CHECK(Get("http://a.example/shopping") == "all=1");
    CHECK(Get("http://a.example/x/z") == "bad=1; all=1");
  }

  TEST_CASE_FIXTURE(JarFixture, "a cookie ends with its time; max-age goes over expires") {
    Set("http://a.example/", "short=1; Max-Age=10");
    Set("http://a.example/", "both=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=20");
    Set("http://a.example/", "date=1; Expires=Fri, 01-Jan-2100 00:00:00 GMT");
    CHECK(Get("http://a.example/") == "short=1; both=1; date=1");
    now += 10;
    CHECK(Get("http://a.example/") == "both=1; date=1");
    now = kNow + 401L * 24 * 3600;
    CHECK(Get("http://a.example/") == "");
  }

  TEST_CASE_FIXTURE(JarFixture, "a time in the past takes a cookie away") {
    Set("http://a.example/", "a=1");
    Set("http://a.example/", "b=1");
    Set("http://a.example/", "a=; Max-Age=0");
    Set("http://a.example/", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    Set("http://a.example/", "c=1; Max-Age=-5");
    CHECK(Get("http://a.example/") == "");
    Set("http://a.example/", "d=1; Max-Age=99999999999999999999");
    Set("http://a.example/", "e=1; Max-Age=soon");
    CHECK(Get("http://a.example/") == "d=1; e=1");
  }

  TEST_CASE_FIXTURE(JarFixture,
                    "a secure cookie is set and sent over https only, ports do not matter") {
    Set("https://a.example:8443/", "s=1; Secure");
    Set("http://a.example/", "t=1; Secure");
    CHECK(Get("https://a.example/") == "s=1");
    CHECK(Get("http://a.example/") == "");
    Set("http://a.example/", "s=2");
    CHECK(Get("https://a.example/") == "s=1");
  }

  TEST_CASE_FIXTURE(JarFixture, "names with prefixes keep what they promise") {
    Set("https://a.example/", "__Secure-a=1");
    Set("https://a.example/", "__Host-b=1; Secure");
    Set("https://www.a.example/", "__Host-c=1; Secure; Path=/; Domain=a.example");
    CHECK(Get("https://a.example/") == "");
    Set("https://a.example/", "__Secure-a=1; Secure");
    Set("https://a.example/", "__Host-b=1; Secure; Path=/");
    CHECK(Get("https://a.example/") == "__Secure-a=1; __Host-b=1");
  }

  TEST_CASE_FIXTURE(JarFixture, "jars do not know of each other") {
    Set("http://a.example/", "a=1", "one");
    Set("http://a.example/", "a=2", "two");
    CHECK(Get("http://a.example/", "one") == "a=1");
    CHECK(Get("http://a.example/", "two") == "a=2");
    jars.Forget("one");
    jars.Forget("none");
    CHECK(Get("http://a.example/", "one") == "");
    CHECK(jars.jars() == 1);
  }

  TEST_CASE_FIXTURE(JarFixture, "a recipe's cookies go along, unless the server set others") {
    const HeaderList own{{"lang", "en"}, {"age", "18"}};
    CHECK(Get("http://a.example/", "j", own) == "lang=en; age=18");
    Set("http://a.example/", "lang=de");
    CHECK(Get("http://a.example/", "j", own) == "age=18; lang=de");
  }

  TEST_CASE_FIXTURE(JarFixture, "nothing grows without end") {
    Start({.jars = 2, .cookies = 3, .cookie_bytes = 10, .attribute_bytes = 8});
    for (const char* jar : {"a", "b", "c"}) Set("http://h.example/", "x=1", jar);
    CHECK(jars.jars() == 2);
    CHECK(Get("http://h.example/", "a") == "");
    CHECK(Get("http://h.example/", "c") == "x=1");
    for (int i = 0; i < 5; ++i) Set("http://h.example/", std::to_string(i) + "=v", "c");
    CHECK(Get("http://h.example/", "c") == "2=v; 3=v; 4=v");
    Set("http://h.example/", "long=" + std::string(7, 'x'), "c");
    Set("http://h.example/", "p=1; Path=/" + std::string(8, 'x'), "c");
    CHECK(Get("http://h.example/", "c") == "3=v; 4=v; p=1");
  }

  TEST_CASE_FIXTURE(JarFixture, "hostile headers set nothing") {
    for (const char* text : {"", ";", "=", " = ; Path=/", "a=1\r\nb: 2", "a=\x01", "a\x7f=1"}) {
      Set("http://a.example/", text);
    }
    CHECK(Get("http://a.example/") == "");
    Set("http://a.example/", "a=1;;;;=;=x;Domain;Domain=;Path;Max-Age;Expires=;Expires=x");
    CHECK(Get("http://a.example/") == "a=1");
    Set("http://a.example/", "b=1;" + std::string(100'000, ';'));
    CHECK(Get("http://a.example/") == "a=1; b=1");
  }
}
