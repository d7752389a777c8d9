#include "sink/control/control.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "lib/text/json.h"
#include "sink/control/letters.h"

namespace thresh {
namespace {

constexpr const char* kOps = "status, metrics, dead, letters, letter_body, tap, rotate";
constexpr std::uint64_t kMostLetters = 500;

Result<> ReadKeys(const simdjson::dom::element& root, SinkRequest* r) {
  const std::pair<std::string_view, std::string*> texts[] = {{"reason", &r->reason},
                                                             {"recipe", &r->recipe},
                                                             {"host", &r->host},
                                                             {"name", &r->name},
                                                             {"text", &r->text}};
  simdjson::dom::element value;
  for (const auto& [key, out] : texts) {
    if (root[key].get(value) != simdjson::SUCCESS || value.is_null()) continue;
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) {
      return Error{Errc::kInvalid, std::string(key) + ": expected a string"};
    }
    *out = text;
  }
  for (const std::string_view key : {"before", "limit"}) {
    if (root[key].get(value) != simdjson::SUCCESS || value.is_null()) continue;
    std::uint64_t number = 0;
    if (value.get(number) != simdjson::SUCCESS) {
      return Error{Errc::kInvalid, std::string(key) + ": expected a whole number"};
    }
    if (key == "before") {
      r->before = number;
    } else {
      r->limit = std::clamp<std::uint64_t>(number, 1, kMostLetters);
    }
  }
  double real = 0;
  if (root["per_s"].get(real) == simdjson::SUCCESS) r->per_s = real;
  return Ok{};
}

Result<SinkRequest> Parse(const Line& line) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  SinkRequest request;
  std::string_view op;
  const bool is_object = !line.too_long &&
                         parser.parse(line.text.data(), line.text.size()).get(root) == 0 &&
                         root.is_object();
  if (!is_object || root["op"].get(op) != simdjson::SUCCESS) {
    return Error{Errc::kInvalid, "expected {\"op\": one of " + std::string(kOps) + "}, found " +
                                     std::string(line.text.substr(0, 100))};
  }
  request.op = op;
  if (Result<> read = ReadKeys(root, &request); !read) return read.error();
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
  line += R"(,"paused":)" + JsonString(status.paused);
  line += R"(,"out":)" + JsonString(status.out) + R"(,"files":[)";
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
                                                         std::string body_folder,
                                                         SinkOrders orders) {
  std::unique_ptr<SinkControl> control(
      new SinkControl(loop, std::move(dead_folder), std::move(body_folder), std::move(orders)));
  auto server = LineServer::Listen(loop, path, {},
                                   [c = control.get()](const Line& line) { c->TakeLine(line); });
  if (!server) return server.error();
  control->server_ = std::move(*server);
  return control;
}

SinkControl::SinkControl(uv_loop_t& loop, std::string dead_folder, std::string body_folder,
                         SinkOrders orders)
    : loop_(loop),
      dead_folder_(std::move(dead_folder)),
      body_folder_(std::move(body_folder)),
      orders_(std::move(orders)) {}

void SinkControl::TakeLine(const Line& line) {
  Result<SinkRequest> request = Parse(line);
  if (!request) return server_->Answer(line.connection, ErrorLine(request.error().detail));
  TakeRequest(line.connection, *request);
}

void SinkControl::TakeRequest(ConnectionId connection, const SinkRequest& request) {
  if (request.op == "status") {
    server_->Answer(connection, StatusLine(orders_.status()));
  } else if (request.op == "metrics") {
    server_->Answer(connection, R"({"ok":true,"metrics":)" + orders_.metrics() + "}");
  } else if (request.op == "rotate") {
    rotation_asked_.push_back(connection);
    orders_.rotate();
  } else if (request.op == "dead") {
    StreamDead(connection, request.reason);
  } else if (request.op == "letters") {
    AnswerRead(connection,
               [path = dead_folder_ + "/dead.ndjson",
                wanted = LettersWanted{request.before, request.limit, request.reason,
                                       request.text}] { return LettersJson(path, wanted); });
  } else if (request.op == "letter_body") {
    AnswerRead(connection,
               [folder = body_folder_, name = request.name] { return BodyJson(folder, name); });
  } else if (request.op == "tap") {
    AnswerTap(connection, request);
  } else {
    server_->Answer(connection, ErrorLine("op: expected one of " + std::string(kOps) + ", found " +
                                          request.op));
  }
}

void SinkControl::AnswerTap(ConnectionId connection, const SinkRequest& request) {
  const bool watches =
      orders_.tap->Watch(*server_, connection, {request.recipe, request.host}, request.per_s);
  server_->Answer(connection,
                  watches ? R"({"ok":true})" : ErrorLine("as many watch as may: try again later"));
}

void SinkControl::AnswerRead(ConnectionId connection, std::function<Result<std::string>()> read) {
  std::erase_if(readings_, [](const auto& reading) { return reading->ended; });
  Reading* reading = readings_.emplace_back(std::make_unique<Reading>(loop_)).get();
  reading->worker.Start([reading, read = std::move(read)] { reading->text = read(); },
                        [this, reading, connection] {
                          reading->ended = true;
                          const Result<std::string>& text = reading->text;
                          server_->Answer(connection,
                                          text ? *text : ErrorLine(text.error().detail));
                        });
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
