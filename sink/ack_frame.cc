#include "sink/ack_frame.h"

#include <cstdint>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "proto/envelope.h"

namespace thresh {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

constexpr std::uint32_t kAckTag = WireFormatLite::MakeTag(
    wire::Envelope::kAckFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
constexpr std::uint32_t kEntryTag = WireFormatLite::MakeTag(
    wire::Ack::kEntriesFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);

std::size_t CountedBytes(std::uint32_t tag, std::size_t size) {
  const auto count = static_cast<std::uint32_t>(size);
  return CodedOutputStream::VarintSize32(tag) + CodedOutputStream::VarintSize32(count) + size;
}

std::uint8_t* WriteCount(std::uint32_t tag, std::size_t size, std::uint8_t* out) {
  out = CodedOutputStream::WriteTagToArray(tag, out);
  return CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(size), out);
}

}  // namespace

zmq::message_t AckFrame(const PeerId& from, const PeerId& to,
                        const std::vector<std::string>& entries, bool synced) {
  const wire::Envelope envelope = MakeEnvelope(from, to);
  wire::Ack rest;  // All but the entries; in which order fields stand does not matter.
  rest.set_synced(synced);
  std::size_t ack_bytes = rest.ByteSizeLong();
  for (const std::string& entry : entries) ack_bytes += CountedBytes(kEntryTag, entry.size());
  zmq::message_t frame(envelope.ByteSizeLong() + CountedBytes(kAckTag, ack_bytes));
  auto* out = static_cast<std::uint8_t*>(frame.data());
  out = envelope.SerializeWithCachedSizesToArray(out);
  out = WriteCount(kAckTag, ack_bytes, out);
  for (const std::string& entry : entries) {
    out = WriteCount(kEntryTag, entry.size(), out);
    out = CodedOutputStream::WriteStringToArray(entry, out);
  }
  rest.SerializeWithCachedSizesToArray(out);
  return frame;
}

}  // namespace thresh
