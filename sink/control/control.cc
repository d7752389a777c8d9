#include "sink/control/control.h"

#include <unistd.h>

#include <utility>

#include <simdjson.h>

#include "lib/text/json.h"

namespace thresh {
namespace {

struct Request {
  std::string op;
  std::string reason;
};

Result<Request> Parse(const Line& line) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  Request request;
  std::string_view text;
  const bool is_object = !line.too_long &&
                         parser.parse(line.text.data(), line.text.size()).get(root) == 0 &&
                         root.is_object();
  if (!is_object || root["op"].get(text) != simdjson::SUCCESS) {
    return Error{Errc::kInvalid, R"(expected {"op": one of status, dead, rotate}, found )" +
                                     std::string(line.text.substr(0, 100))};
  }
  request.op = text;
  simdjson::dom::element reason;
  if (root["reason"].get(reason) == simdjson::SUCCESS && !reason.is_null()) {
    if (reason.get(text) != simdjson::SUCCESS) {
      return Error{Errc::kInvalid, "reason: expected a string"};
    }
    request.reason = text;
  }
  return request;
}

std::string ErrorLine(const std::string& what) {
  return R"({"ok":false,"error":)" + JsonString(what) + "}";
}

void AppendFills(const std::string& item, const FillCounts& fills, std::string* line) {
  if (line->back() != '[') *line += ',';
  *line += R"({"item":)" + JsonString(item);
  *line += R"(,"records":)" + std::to_string(fills.records()) + R"(,"filled":{)";
  for (const auto& [field, records] : fills.fields()) {
    if (line->back() != '{') *line += ',';
    *line += JsonString(field) + ":" + std::to_string(records);
  }
  *line += "}}";
}

std::string StatusLine(const SinkStatus& status) {
  std::string line = R"({"ok":true,"pid":)" + std::to_string(::getpid());
  const auto number = [&line](const char* key, std::uint64_t value) {
    line += std::string(",\"") + key + "\":" + std::to_string(value);
  };
  number("journal_segments", status.report.journal_segments);
  number("journal_bytes", status.report.journal_bytes);
  number("unclosed", status.unclosed_count);
  number("late_dropped", status.late_dropped_count);
  number("records", status.records_count);
  line += R"(,"paused":)" + JsonString(status.paused) + R"(,"files":[)";
  for (const auto& [path, bytes] : status.report.files) {
    if (line.back() != '[') line += ',';
    line += R"({"path":)" + JsonString(path) + R"(,"bytes":)" + std::to_string(bytes) + "}";
  }
  line += R"(],"items":[)";
  for (const auto& [item, fills] : status.fills) AppendFills(item, fills, &line);
  return line + "]}";
}

}  // namespace

Result<std::unique_ptr<SinkControl>> SinkControl::Create(uv_loop_t& loop, const std::string& path,
                                                         std::string dead_folder,
                                                         SinkOrders orders) {
  std::unique_ptr<SinkControl> control(
      new SinkControl(loop, std::move(dead_folder), std::move(orders)));
  auto server = LineServer::Listen(loop, path, {},
                                   [c = control.get()](const Line& line) { c->TakeLine(line); });
  if (!server) return server.error();
  control->server_ = std::move(*server);
  return control;
}

SinkControl::SinkControl(uv_loop_t& loop, std::string dead_folder, SinkOrders orders)
    : loop_(loop), dead_folder_(std::move(dead_folder)), orders_(std::move(orders)) {}

void SinkControl::TakeLine(const Line& line) {
  Result<Request> request = Parse(line);
  if (!request) return server_->Answer(line.connection, ErrorLine(request.error().detail));
  if (request->op == "status") {
    server_->Answer(line.connection, StatusLine(orders_.status()));
  } else if (request->op == "rotate") {
    rotation_asked_.push_back(line.connection);
    orders_.rotate();
  } else if (request->op == "dead") {
    StreamDead(line.connection, request->reason);
  } else {
    server_->Answer(line.connection,
                    ErrorLine("op: expected status, dead or rotate, found " + request->op));
  }
}

void SinkControl::RotationBegun() {
  rotation_begun_ = std::exchange(rotation_asked_, {});
}

void SinkControl::Rotated() {
  for (const ConnectionId connection : std::exchange(rotation_begun_, {})) {
    server_->Answer(connection, R"({"ok":true})");
  }
}

void SinkControl::StreamDead(ConnectionId connection, std::string reason) {
  std::erase_if(streams_, [](const auto& stream) { return stream->ended(); });
  streams_.push_back(std::make_unique<DeadStream>(
      loop_, *server_, connection, DeadLetterFiles(dead_folder_), std::move(reason)));
}

}  // namespace thresh
