#pragma once

// Results as a parser sends them to the sink: pages of 20 reviews, answers of 20 places.

#include <cstdint>
#include <string>

#include <msgpack.hpp>

#include "proto/envelope.h"

namespace thresh::bench {

inline constexpr std::uint32_t kRows = 20;

// Records of a page as a parser sends them, one map behind the other.
using Records = msgpack::sbuffer;

inline Records Reviews() {
  Records out;
  msgpack::packer<Records> pack(out);
  // 400 bytes, with what JSON has to escape and what it has not.
  std::string text;
  while (text.size() < 400)
    text += "The barley soup wasn\xE2\x80\x99t \"just right\", it was better. ";
  for (std::uint32_t row = 0; row < kRows; ++row) {
    pack.pack_map(7);
    pack.pack("review_id"), pack.pack("aX3_kQ9-bL2mN8vC7zR1pT" + std::to_string(row));
    pack.pack("business"), pack.pack("Quince & Moth Cr\xC3\xAAperie");
    pack.pack("author"), pack.pack("S\xC3\xB8ren T.");
    pack.pack("location"), pack.pack("Dunlin Bay, WA");
    pack.pack("rating"), pack.pack(4.0);
    pack.pack("date"), pack.pack("2018-03-12");
    pack.pack("text"), pack.pack(text);
  }
  return out;
}

inline Records Places() {
  Records out;
  msgpack::packer<Records> pack(out);
  for (std::uint32_t row = 0; row < kRows; ++row) {
    pack.pack_map(7);
    pack.pack("place_id"), pack.pack("5f3c0a9d7e21b84" + std::to_string(row % 10));
    pack.pack("name"), pack.pack("Quince & Moth Tea Rooms");
    pack.pack("lat"), pack.pack(45.512345 + row);
    pack.pack("lng"), pack.pack(-122.654321 - row);
    pack.pack("rating"), pack.pack(4.3);
    pack.pack("ratings"), pack.pack(1234 + row);
    pack.pack("address"), pack.pack("17 Fennel Lane");
  }
  return out;
}

// The RESULT that such records come with.
inline wire::Result ResultOf(std::uint64_t id, const std::string& item) {
  wire::Page page;
  page.set_id(id);
  page.set_fingerprint(std::string(16, '\x5a'));
  page.set_url("http://www.example.com/biz/quince-moth-creperie-8?start=120");
  page.set_root("http://www.example.com/biz/quince-moth-creperie-8");
  page.set_n(12);
  page.set_fetched_at_ms(1'738'324'800'123);
  wire::Result result;
  result.set_id(id);
  result.set_page(page.SerializeAsString());
  result.set_outcome(wire::OUTCOME_DONE);
  wire::Rows& rows = *result.add_rows();
  rows.set_item(item);
  for (std::uint32_t row = 0; row < kRows; ++row) rows.add_row(row);
  return result;
}

}  // namespace thresh::bench
