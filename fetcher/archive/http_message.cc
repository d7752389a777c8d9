#include "fetcher/archive/http_message.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <system_error>

#include "fetcher/job/head_reader.h"
#include "lib/base/ascii_text.h"

namespace thresh {
namespace {

// RFC 9110, 15. Others have no phrase.
std::string_view PhraseOf(long status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    default: return "";
  }
}

// A line end in a header would begin another one.
void AppendHeader(std::string_view name, std::string_view value, std::string* out) {
  const std::size_t from = out->size();
  out->append(name).append(": ").append(value);
  std::replace_if(
      out->begin() + static_cast<std::ptrdiff_t>(from), out->end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  out->append("\r\n");
}

std::string_view TakeLine(std::string_view* rest) {
  const std::size_t end = rest->find('\n');
  const std::string_view line = rest->substr(0, end);
  rest->remove_prefix(end == std::string_view::npos ? rest->size() : end + 1);
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

// RFC 9112, 7.1: a number, and extensions that nobody knows.
std::optional<std::size_t> SizeOfChunk(std::string_view line) {
  std::size_t size = 0;
  const auto [end, fault] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  const std::string_view rest =
      TrimBlanks(line.substr(static_cast<std::size_t>(end - line.data())));
  if (fault != std::errc() || (!rest.empty() && rest.front() != ';')) return std::nullopt;
  return size;
}

// Nullopt for what is not chunked, whatever its headers say: some writers undo that. Of what was
// cut short, the chunks that are there.
std::optional<std::string> JoinChunks(std::string_view rest) {
  std::string body;
  bool any = false;
  while (!rest.empty()) {
    const bool by_letter = rest.substr(0, rest.find('\n')).ends_with('\r');
    const std::optional<std::size_t> size = SizeOfChunk(TakeLine(&rest));
    if (!size || (!any && (rest.empty() || (*size > rest.size() && !by_letter)))) break;
    if (*size == 0) return body;  // What follows are trailers.
    any = true;
    body.append(rest.substr(0, *size));
    rest.remove_prefix(std::min(*size, rest.size()));
    if (!TakeLine(&rest).empty()) break;
  }
  return any ? std::optional(std::move(body)) : std::nullopt;
}

bool IsChunked(const HeaderList& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const auto& header) {
    return header.first == "transfer-encoding" && InLowerCase(header.second).ends_with("chunked");
  });
}

}  // namespace

std::string AnswerHead(long status, const HeaderList& headers) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
  head.append(PhraseOf(status)).append("\r\n");
  for (const auto& [name, value] : headers) {
    const bool undone = name == "transfer-encoding";
    AppendHeader(undone ? "x-archive-orig-transfer-encoding" : name, value, &head);
  }
  return head + "\r\n";
}

std::string RequestHead(const Request& request, const Url& url, std::string_view agent) {
  std::string head = request.method + " " + std::string(url.path_and_query()) + " HTTP/1.1\r\n";
  AppendHeader("host", url.host(), &head);
  const auto has = [&](std::string_view name) {
    return std::any_of(request.headers.begin(), request.headers.end(),
                       [&](const auto& header) { return header.first == name; });
  };
  if (!agent.empty() && !has("user-agent")) AppendHeader("user-agent", agent, &head);
  for (const auto& [name, value] : request.headers) AppendHeader(name, value, &head);
  if (!request.body.empty() && !has("content-length")) {
    AppendHeader("content-length", std::to_string(request.body.size()), &head);
  }
  return head + "\r\n";
}

Result<HttpAnswer> ParseAnswer(std::string_view block) {
  HttpAnswer answer;
  const std::string_view first = TakeLine(&block);
  const std::size_t space = first.find(' ');
  const std::string_view number =
      space == std::string_view::npos ? std::string_view() : first.substr(space + 1, 3);
  const auto [end, fault] =
      std::from_chars(number.data(), number.data() + number.size(), answer.status);
  if (!first.starts_with("HTTP/") || fault != std::errc() || number.size() != 3 ||
      end != number.data() + 3) {
    return Error{Errc::kInvalid, "expected an answer's status line, as HTTP/1.1 200 OK"};
  }
  HeadReader head;
  (void)head.Take(first);
  while (!block.empty() && !head.is_whole()) (void)head.Take(TakeLine(&block));
  answer.headers = head.TakeHeaders();
  std::optional<std::string> joined;
  if (IsChunked(answer.headers)) joined = JoinChunks(block);
  answer.body = joined ? std::move(*joined) : std::string(block);
  return answer;
}

}  // namespace thresh
