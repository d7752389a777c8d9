// thresh-bench-envelope: what the wire's envelopes cost; see bench/micro envelope.

#include "proto/envelope.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/stages/measure.h"

namespace {

using namespace thresh;

constexpr int kRows = 20;   // Records of a page.
constexpr int kAcks = 100;  // Entries of an ACK under load.

// The messages of a review page's way round, as the daemons fill them.
class Messages {
 public:
  [[nodiscard]] wire::Envelope Task() const {
    wire::Envelope envelope = MakeEnvelope(fetcher_, parser_);
    wire::Task& task = *envelope.mutable_task();
    task.set_id(123'456);
    task.set_attempt(1);
    task.set_page(Page());
    task.set_recipe_hash(std::string(16, '\x5a'));
    task.set_url(url_);
    task.set_status(200);
    for (const auto& [name, value] : {std::pair("content-type", "text/html; charset=utf-8"),
                                      std::pair("content-length", "65123"),
                                      std::pair("server", "nginx"), std::pair("date", date_)}) {
      wire::Header& header = *task.add_headers();
      header.set_name(name);
      header.set_value(value);
    }
    task.set_body_bytes(65'123);
    task.set_body_at(1 << 20);
    return envelope;
  }

  [[nodiscard]] wire::Envelope Result() const {
    wire::Envelope envelope = MakeEnvelope(parser_, fetcher_);
    wire::Result& result = *envelope.mutable_result();
    ToWire(fetcher_, result.mutable_source());
    result.set_id(123'456);
    result.set_attempt(1);
    result.set_page(Page());
    result.set_outcome(wire::OUTCOME_DONE);
    wire::Rows& rows = *result.add_rows();
    rows.set_item("review");
    for (std::uint32_t row = 0; row < kRows; ++row) rows.add_row(row);
    result.add_links()->set_url(url_ + "0");
    return envelope;
  }

  [[nodiscard]] wire::Envelope Ack() const {
    wire::Envelope envelope = MakeEnvelope(parser_, fetcher_);
    for (std::uint64_t id = 0; id < kAcks; ++id) {
      wire::Ack::Entry& entry = *envelope.mutable_ack()->add_entries();
      entry.set_id(123'456 + id);
      entry.set_attempt(1);
      entry.set_outcome(wire::OUTCOME_DONE);
      entry.set_records(kRows);
      entry.set_fingerprint(std::string(16, '\x5a'));
      entry.set_fetched_at_ms(kFetchedAtMs);
      entry.add_links()->set_url(url_ + "0");
    }
    return envelope;
  }

 private:
  static constexpr std::int64_t kFetchedAtMs = 1'738'324'800'123;

  [[nodiscard]] std::string Page() const {
    wire::Page page;
    page.set_id(123'456);
    page.set_fingerprint(std::string(16, '\x5a'));
    page.set_url(url_);
    page.set_recipe("reviews");
    page.set_root(root_);
    page.set_n(12);
    page.set_fetched_at_ms(kFetchedAtMs);
    page.set_attempts(1);
    page.set_status(200);
    return page.SerializeAsString();
  }

  const PeerId fetcher_ = NewPeerId();
  const PeerId parser_ = NewPeerId();
  const std::string root_ = "http://www.example.com/biz/quince-moth-creperie-8";
  const std::string url_ = root_ + "?start=120";
  const char* const date_ = "Fri, 31 Jan 2025 12:00:00 GMT";
};

void MeasureBoth(const std::string& name, const bench::Rounds& rounds,
                 const wire::Envelope& envelope) {
  const zmq::message_t frame = EncodeEnvelope(envelope);
  bench::Measure((name + "_encode").c_str(), rounds, frame.size(), [&] {
    if (EncodeEnvelope(envelope).size() != frame.size()) std::abort();
  });
  bench::Measure((name + "_decode").c_str(), rounds, frame.size(), [&] {
    if (!DecodeEnvelope(frame).ok()) std::abort();
  });
  std::printf("{\"message\":\"%s\",\"bytes\":%zu}\n", name.c_str(), frame.size());
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Rounds rounds = bench::RoundsOf(argc, argv, {.count = 51, .calls = 2000});
  const Messages messages;
  MeasureBoth("task", rounds, messages.Task());
  MeasureBoth("result", rounds, messages.Result());
  MeasureBoth("ack_of_100", rounds, messages.Ack());
  bench::Measure("task_fill_and_encode", rounds, 0, [&] {
    if (EncodeEnvelope(messages.Task()).size() == 0) std::abort();
  });
  bench::Measure("result_fill_and_encode", rounds, 0, [&] {
    if (EncodeEnvelope(messages.Result()).size() == 0) std::abort();
  });
  return 0;
}
