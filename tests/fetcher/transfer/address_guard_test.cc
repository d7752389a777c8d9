#include "fetcher/transfer/address_guard.h"

#include <netinet/in.h>

#include <string>

#include <doctest/doctest.h>

using thresh::AddressGuard;
using thresh::AddressOf;

namespace {

bool Private(std::string_view text) {
  const auto address = AddressOf(text);
  REQUIRE_MESSAGE(address, std::string(text));
  return thresh::IsPrivate(*address);
}

bool May(const AddressGuard& guard, std::string_view hostname, std::string_view address) {
  return guard.MayConnect(hostname, *AddressOf(address));
}

}  // namespace

TEST_SUITE("AddressGuard") {
  TEST_CASE("IPv4 addresses that are not of the internet are private, to their last one") {
    for (const char* text :
         {"0.0.0.0",         "0.255.255.255",   "10.0.0.1",        "10.255.255.255",  "100.64.0.0",
          "100.127.255.255", "127.0.0.1",       "127.255.255.255", "169.254.169.254", "172.16.0.1",
          "172.31.255.255",  "192.0.0.1",       "192.0.2.1",       "192.88.99.1",     "192.168.0.1",
          "192.168.255.255", "198.18.0.1",      "198.19.255.255",  "198.51.100.7",    "203.0.113.9",
          "224.0.0.1",       "239.255.255.250", "240.0.0.1",       "255.255.255.255"}) {
      CHECK_MESSAGE(Private(text), text);
    }
  }

  TEST_CASE("their neighbours are public") {
    for (const char* text :
         {"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
          "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
          "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
          "198.20.0.0", "223.255.255.255", "8.8.8.8"}) {
      CHECK_MESSAGE(!Private(text), text);
    }
  }

  TEST_CASE("so are IPv6 addresses outside of 2000::/3 and in its special parts") {
    for (const char* text : {"::", "::1", "fc00::1", "fdff::1", "fe80::1", "fe80::1%lo", "fec0::1",
                             "ff02::1", "100::1", "2001:db8::1", "2001::1", "2001:10::1", "3fff::1",
                             "64:ff9b:1::1", "5f00::1", "4000::1", "1fff::1"}) {
      CHECK_MESSAGE(Private(text), text);
    }
    for (const char* text :
         {"2606:4700::1111", "2a00:1450:4001::64", "2001:4860:4860::8888", "2400::1", "3ffe::1"}) {
      CHECK_MESSAGE(!Private(text), text);
    }
  }

  TEST_CASE("an IPv4 address inside an IPv6 one counts as itself") {
    for (const char* text :
         {"::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:0:127.0.0.1", "::127.0.0.1",
          "64:ff9b::127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
          "2a00::5efe:10.0.0.1", "2a00::200:5efe:192.168.1.1"}) {
      CHECK_MESSAGE(Private(text), text);
    }
    for (const char* text :
         {"::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2a00::5efe:8.8.8.8"}) {
      CHECK_MESSAGE(!Private(text), text);
    }
  }

  TEST_CASE("a network lets its addresses through, and no others") {
    AddressGuard guard;
    REQUIRE(guard.Allow("127.0.0.0/8").ok());
    REQUIRE(guard.Allow("10.1.2.128/25").ok());
    REQUIRE(guard.Allow("fd12::/16").ok());
    for (const char* text : {"127.9.9.9", "::ffff:127.0.0.1", "10.1.2.200", "fd12:3::1"}) {
      CHECK_MESSAGE(May(guard, "x", text), text);
    }
    for (const char* text : {"10.1.2.127", "10.1.3.128", "fd13::1", "::1", "192.168.0.1",
                             "64:ff9b::127.0.0.1", "2002:7f00:1::"}) {
      CHECK_MESSAGE(!May(guard, "x", text), text);
    }
  }

  TEST_CASE("a host lets through what its own name leads to, not what other names do") {
    AddressGuard guard;
    REQUIRE(guard.Allow("intranet").ok());
    REQUIRE(guard.Allow("127.0.0.1").ok());
    CHECK(May(guard, "intranet", "10.0.0.1"));
    CHECK(May(guard, "intranet.", "10.0.0.1"));
    CHECK(May(guard, "127.0.0.1", "127.0.0.1"));
    CHECK_FALSE(May(guard, "evil.example", "127.0.0.1"));
    CHECK_FALSE(May(guard, "intranet.evil.example", "10.0.0.1"));
    CHECK_FALSE(May(guard, "127.0.0.2", "127.0.0.2"));
  }

  TEST_CASE("without a word nothing private is let through, and all that is public") {
    const AddressGuard guard;
    CHECK_FALSE(May(guard, "localhost", "127.0.0.1"));
    CHECK(May(guard, "localhost", "8.8.8.8"));
  }

  TEST_CASE("a proxy is not asked for what is written as a private address or a local name") {
    AddressGuard guard;
    for (const char* name : {"127.0.0.1", "[::1]", "[::ffff:10.0.0.1]", "localhost", "localhost.",
                             "a.localhost", "169.254.169.254"}) {
      CHECK_MESSAGE(!guard.MayAskProxyFor(name), name);
    }
    CHECK(guard.MayAskProxyFor("example.org"));
    CHECK(guard.MayAskProxyFor("8.8.8.8"));
    REQUIRE(guard.Allow("127.0.0.0/8").ok());
    CHECK(guard.MayAskProxyFor("localhost"));
    CHECK(guard.MayAskProxyFor("127.0.0.1"));
    CHECK_FALSE(guard.MayAskProxyFor("10.0.0.1"));
  }

  TEST_CASE("what is no network is refused") {
    AddressGuard guard;
    for (const char* text : {"127.0.0.0/33", "fd00::/129", "/8", "127.0.0.0/", "127.0.0.0/8x",
                             "127.0.0/8", "x/8", "127.0.0.0/-1", "127.0.0.0/99999999999"}) {
      CHECK_MESSAGE(!guard.Allow(text).ok(), text);
    }
    REQUIRE(guard.Allow("0.0.0.0/0").ok());  // All of IPv4, none of IPv6.
    CHECK(May(guard, "x", "127.0.0.1"));
    CHECK_FALSE(May(guard, "x", "::1"));
  }

  TEST_CASE("a socket address reads as its text") {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(0xC0A80102);
    CHECK(thresh::TextOf(*AddressOf(reinterpret_cast<const sockaddr&>(v4))) == "192.168.1.2");
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    CHECK(thresh::TextOf(*AddressOf(reinterpret_cast<const sockaddr&>(v6))) == "::1");
    sockaddr other{};
    other.sa_family = AF_UNIX;
    CHECK_FALSE(AddressOf(other));
  }
}
