#include "fetcher/status.h"

#include <string_view>

#include "lib/text/json.h"

namespace thresh {
namespace {

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string* out) : out_(*out) { out_.push_back('{'); }
  ~ObjectWriter() { out_.push_back('}'); }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  std::string* Key(std::string_view name) {
    if (!first_) out_.push_back(',');
    first_ = false;
    AppendJsonString(name, &out_);
    out_.push_back(':');
    return &out_;
  }
  void Number(std::string_view name, std::uint64_t value) { *Key(name) += std::to_string(value); }
  void Counts(std::string_view name, const std::map<std::string, std::uint64_t>& counts) {
    ObjectWriter inner(Key(name));
    for (const auto& [key, count] : counts) inner.Number(key, count);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace

std::string StatusJson(const FetcherStatus& s) {
  std::string json;
  {
    ObjectWriter out(&json);
    out.Number("fed", s.ledger.fed);
    out.Number("followed", s.ledger.followed);
    out.Number("duplicates", s.ledger.duplicates);
    out.Number("refused", s.ledger.refused);
    out.Number("done", s.ledger.done);
    out.Counts("dead", s.ledger.dead);
    out.Counts("dropped", s.ledger.dropped);
    out.Number("pending", s.pending);
    out.Number("queued", s.queued);
    out.Number("in_flight", s.in_flight);
    out.Number("waiting", s.waiting);
    out.Number("leased", s.leased);
    out.Number("awaiting_ack", s.awaiting_ack);
    out.Number("records", s.ledger.records);
    out.Number("pages", s.ledger.pages);
    out.Number("body_bytes", s.ledger.body_bytes);
    *out.Key("sink") += s.sink_connected ? "true" : "false";
    std::string* parsers = out.Key("parsers");
    parsers->push_back('[');
    for (const ParserInfo& p : s.parsers) {
      if (parsers->back() == '}') parsers->push_back(',');
      ObjectWriter parser(parsers);
      parser.Number("pid", p.pid);
      parser.Number("leased", p.leased);
      parser.Number("parsed", p.parsed);
    }
    parsers->push_back(']');
    out.Counts("held_back", s.held_back);
  }
  return json;
}

}  // namespace thresh
