// Hosts, through the URLs they stand in.

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "lib/url/idna.h"
#include "lib/url/url.h"

using thresh::Url;

namespace {

// The host of a URL with that host, or "failure".
std::string HostOf(std::string_view host, std::string_view scheme = "http") {
  const auto url = Url::Parse(std::string(scheme).append("://").append(host).append("/"));
  return url.ok() ? std::string((*url).hostname()) : "failure";
}

}  // namespace

TEST_SUITE("Url, hosts") {
  TEST_CASE("names are put in lower case; a final dot stays") {
    CHECK(HostOf("WWW.Example.ORG") == "www.example.org");
    CHECK(HostOf("example.org.") == "example.org.");
    CHECK(HostOf("a_b-.c..d") == "a_b-.c..d");
    CHECK(HostOf("ex%41mple") == "example");
  }

  TEST_CASE("characters that cannot be in a host are refused") {
    for (const char* host : {"a b", "a<b", "a>b", "a^b", "a|b", "a%b", "a%00b", "a%2Fb", "a%3Ab",
                             "a%7Fb", "a%01b", "a[b", "a]b", "%", "%zz"}) {
      CAPTURE(host);
      CHECK(HostOf(host) == "failure");
    }
    CHECK(HostOf("!\"$&'()*+,-.;=_`{}~") == "!\"$&'()*+,-.;=_`{}~");
  }

  TEST_CASE("a host whose last label is a number is an IPv4 address or nothing") {
    CHECK(HostOf("127.0.0.1") == "127.0.0.1");
    CHECK(HostOf("1.2.3.4.") == "1.2.3.4");
    CHECK(HostOf("0x7F.1") == "127.0.0.1");
    CHECK(HostOf("0177.0.0.0x") == "127.0.0.0");
    CHECK(HostOf("4294967295") == "255.255.255.255");
    CHECK(HostOf("1.16777215") == "1.255.255.255");
    CHECK(HostOf("\xEF\xBC\x91.2.3.4") == "1.2.3.4");  // A full-width 1.
    for (const char* host :
         {"4294967296", "1.16777216", "256.1.1.1", "1.2.3.4.5", "1.2.3.08", "09", "1..2", "a.1",
          "a.0x", "18446744073709551617", "1.2.3.4.5.", "0x1ffffffffffffffff"}) {
      CAPTURE(host);
      CHECK(HostOf(host) == "failure");
    }
    CHECK(HostOf("1.2.3.a") == "1.2.3.a");
    CHECK(HostOf("0xg") == "0xg");
    CHECK(HostOf("1.2.3.4..") == "1.2.3.4..");
    CHECK(HostOf("1.2.3.4", "foo") == "1.2.3.4");
    CHECK(HostOf("0x1", "foo") == "0x1");
  }

  TEST_CASE("IPv6 addresses take their shortest form") {
    CHECK(HostOf("[2001:DB8:0:0:0:0:0:1]") == "[2001:db8::1]");
    CHECK(HostOf("[::]") == "[::]");
    CHECK(HostOf("[1::]") == "[1::]");
    CHECK(HostOf("[0:0:1:0:0:0:1:0]") == "[0:0:1::1:0]");
    CHECK(HostOf("[1:0:0:2:3:0:0:4]") == "[1::2:3:0:0:4]");
    CHECK(HostOf("[1:2:3:4:5:6:7::]") == "[1:2:3:4:5:6:7:0]");
    CHECK(HostOf("[::2:3:4:5:6:7:8]") == "[0:2:3:4:5:6:7:8]");
    CHECK(HostOf("[::ffff:1.2.3.4]") == "[::ffff:102:304]");
    CHECK(HostOf("[1:2:3:4:5:6:1.2.3.4]") == "[1:2:3:4:5:6:102:304]");
    CHECK(HostOf("[::1]", "foo") == "[::1]");
  }

  TEST_CASE("what is nearly an IPv6 address is refused") {
    for (const char* host : {"[",
                             "[]",
                             "[:]",
                             "[:1]",
                             "[1:]",
                             "[::1",
                             "[1::2::3]",
                             "[:::]",
                             "[12345::]",
                             "[g::]",
                             "[1:2:3:4:5:6:7]",
                             "[1:2:3:4:5:6:7:8:9]",
                             "[1:2:3:4:5:6:7:8::]",
                             "[::1%25eth0]",
                             "[::1.2.3]",
                             "[::1.2.3.4.5]",
                             "[::1.2.3.]",
                             "[::.1.2.3]",
                             "[::01.2.3.4]",
                             "[::1.2.3.256]",
                             "[1:2:3:4:5:6:7:1.2.3.4]",
                             "[::1.2.3.4:5]",
                             "[::1]x",
                             "x[::1]"}) {
      CAPTURE(host);
      CHECK(HostOf(host) == "failure");
    }
  }

  TEST_CASE("names of other scripts are put in Punycode") {
    CHECK(HostOf("b\u00FCcher.example") == "xn--bcher-kva.example");
    CHECK(HostOf("B\u00DCCHER.example") == "xn--bcher-kva.example");
    CHECK(HostOf("%E4%BD%A0%E5%A5%BD") == "xn--6qq79v");
    CHECK(HostOf("fa\u00DF.de") == "xn--fa-hia.de");  // Not `fass`: nontransitional.
    CHECK(HostOf("FA\u1E9E.de") == "xn--fa-hia.de");
    CHECK(HostOf("\u00FC\u3002com") == "xn--tda.com");  // An ideographic full stop.
    CHECK(HostOf("\uFF27\uFF2F.com") == "go.com");
    CHECK(HostOf("\u2615.example") == "xn--53h.example");
  }

  TEST_CASE("hyphens and lengths are not checked: the DNS will answer for them") {
    CHECK(HostOf("-\u00FC-.com") == "xn-----xka.com");
    CHECK(HostOf("ab--\u00FC.com") == "xn--ab---3ra.com");
    CHECK(HostOf("\u00FC..com") == "xn--tda..com");
    const std::string label(300, 'a');
    CHECK(HostOf(label) == label);
    CHECK(HostOf(label + ".\u00FC") == label + ".xn--tda");
    CHECK(HostOf(label + label + ".\u00FC") == label + label + ".xn--tda");
  }

  TEST_CASE("joiners, right-to-left labels, disallowed and invisible characters are checked") {
    CHECK(HostOf("a\u200Db.com") == "failure");    // A joiner with nothing to join.
    CHECK(HostOf("\u05D0a.\u00FC") == "failure");  // Mixed directions in a label.
    CHECK(HostOf("\uFDD0.com") == "failure");      // Not a character.
    CHECK(HostOf("a\uFFFDb.com") == "failure");
    CHECK(HostOf("\u00A0x.com") == "failure");  // Maps to a space.
    CHECK(HostOf("\u2100.com") == "failure");   // Maps to a/c.
    CHECK(HostOf("\u00AD") == "failure");       // Maps to nothing.
    CHECK(HostOf("a\u00ADb.com") == "ab.com");
    CHECK(HostOf("\xD7\x90.com") == "xn--4db.com");
  }

  TEST_CASE("an xn-- label is left alone among ASCII labels, and checked among others") {
    CHECK(HostOf("XN--8i7caa.example") == "xn--8i7caa.example");
    CHECK(HostOf("xn--") == "xn--");
    CHECK(HostOf("\u00FC.xn--tda") == "xn--tda.xn--tda");
    CHECK(HostOf("\u00FC.xn--8i7caa") == "failure");
    CHECK(HostOf("\u00FC.xn--") == "failure");
  }

  TEST_CASE("a name too long for Punycode in good time is refused") {
    std::string name;
    while (name.size() <= thresh::kMaxUnicodeDomainBytes) name += "\u00FC";
    CHECK(HostOf(name) == "failure");
  }

  TEST_CASE("hosts of other schemes are opaque: encoded, not mapped") {
    CHECK(HostOf("Ex\u00E9\x01", "foo") == "Ex%C3%A9%01");
    CHECK(HostOf("a%41b", "foo") == "a%41b");
    CHECK(HostOf("", "foo").empty());
    CHECK(HostOf("a b", "foo") == "failure");
    CHECK(HostOf("a\\b", "foo") == "failure");
    CHECK(HostOf(":80", "foo") == "failure");
  }
}
