#include "cli/shell/session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "cli/numbers.h"
#include "cli/page/json_outline.h"
#include "cli/page/point_out.h"
#include "lib/text/json.h"
#include "parser/html/ascii.h"
#include "parser/json/json_fault.h"
#include "parser/recipe/page_body.h"
#include "parser/select/text.h"

namespace thresh {
namespace {

constexpr std::size_t kTreeLines = 40;
constexpr std::string_view kHelp =
    "An expression prints how many matches it has, and the first of them:\n"
    "  div.quote > .text        a CSS selector; ::attr(href), ::html, ::lines say what to take\n"
    "  //a[@rel='next']/@href   XPath: begins with /, ./ or (\n"
    "  $.items[*].name          JSONPath: begins with $\n"
    "Commands, which can be shortened:\n"
    "  :css :xpath :json [EXPR] this expression, or all that follow, are of that kind; `css EXPR`\n"
    "                           without the colon is the same\n"
    "  :auto                    each is what it begins like, as above\n"
    "  :text :html :attr NAME   what to take of an element\n"
    "  :show N                  how many matches are shown; 0 for all\n"
    "  :tree [N]                the first N lines of the page's tree\n"
    "  :page                    what page this is\n"
    "  :url URL|FILE            another page\n"
    "  :help :quit\n";

constexpr auto kCommands =
    std::to_array<std::string_view>({"attr", "auto", "css", "exit", "help", "html", "json", "page",
                                     "quit", "show", "text", "tree", "url", "xpath"});

std::string_view Trim(std::string_view text) {
  while (!text.empty() && html::IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && html::IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

ShellReply Fault(const std::string& what) {
  return {.err = what.ends_with('\n') ? what : what + "\n"};
}

std::optional<std::size_t> ToCount(std::string_view text) {
  std::size_t count = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool whole = fault == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(count) : std::nullopt;
}

// The command that `word` is, or is the beginning of; nullopt if there is none or several.
std::optional<std::string_view> CommandOf(std::string_view word) {
  std::optional<std::string_view> found;
  for (const std::string_view command : kCommands) {
    if (command == word) return command;
    if (word.empty() || !command.starts_with(word)) continue;
    if (found) return std::nullopt;
    found = command;
  }
  return found;
}

// With a colon; without one only what is meant so: no page has elements `css` or `quit`.
bool IsCommand(std::string_view line) {
  if (line.starts_with(':') || line == "help" || line == "quit" || line == "exit") return true;
  for (const std::string_view kind : {"css ", "xpath ", "json "}) {
    if (line.starts_with(kind)) return true;
  }
  return false;
}

std::string TitleOf(const html::Tree& tree) {
  std::string title;
  for (html::NodeId id = 0; id < tree.size() && title.empty(); ++id) {
    if (tree.IsElement(id) && tree.node(id).name == html::Known("title")) {
      select::AppendText(tree, id, &title);
    }
  }
  return title;
}

std::string Extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  const bool has = dot != std::string_view::npos && name.find('/', dot) == std::string_view::npos;
  return has ? html::Lowered(name.substr(dot + 1)) : std::string();
}

// The first lines, each cut to the width, and whether there are more.
std::string CutLines(std::string_view text, std::size_t width, std::size_t most) {
  std::string out;
  for (std::size_t shown = 0; !text.empty() && shown < most; ++shown) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += CutLine(text.substr(0, end), width) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return text.empty() ? out : out + "…\n";
}

}  // namespace

BodyForm GuessForm(const PageAnswer& page) {
  const std::string extension = IsWebUrl(page.url) ? std::string() : Extension(page.url);
  if (extension == "ndjson" || extension == "jsonl") return BodyForm::kNdjson;
  if (extension == "json") return BodyForm::kJson;
  if (extension == "html" || extension == "htm") return BodyForm::kHtml;
  const std::string_view type = page.Header("content-type");
  switch (KindOfBody(type, page.body)) {
    case BodyAs::kJson:
      // What only begins like JSON is no JSON.
      return type.empty() && FindJsonFault(page.body) ? BodyForm::kHtml : BodyForm::kJson;
    case BodyAs::kNdjson: return BodyForm::kNdjson;
    case BodyAs::kXml: return BodyForm::kXml;
    case BodyAs::kText: return BodyForm::kText;
    case BodyAs::kHtml:
    case BodyAs::kAuto: break;
  }
  return BodyForm::kHtml;
}

Result<std::string> ShellSession::Open(const std::string& where) {
  Result<PageAnswer> got = get_(where);
  if (!got) return got.error();
  auto page = std::make_unique<Page>(names_);
  page->name = where;
  const DocumentHints hints{.content_type = got->Header("content-type"),
                            .charset = options_.charset,
                            .form = options_.form ? *options_.form : GuessForm(*got)};
  if (Result<> loaded = page->document.Load(std::move(got->body), hints); !loaded) {
    return Error{loaded.error().code, where + ": " + loaded.error().detail};
  }
  page->status = got->status;
  page_ = std::move(page);
  page_names_.Clear();
  return Describe();
}

std::string ShellSession::Describe() const {
  const Document& document = page_->document;
  std::string text = page_->name + ": ";
  if (page_->status != 200) text += "status " + std::to_string(page_->status) + ", ";
  text += std::string(NameOf(document.form())) + ", " + AsBytes(document.text().size());
  if (document.charset() != "UTF-8") text += " from " + std::string(document.charset());
  if (document.is_json()) return text + "\n";
  text += ", " + WithThousands(document.tree().size()) + " nodes";
  const std::string title = TitleOf(document.tree());
  return text + (title.empty() ? "" : ", " + JsonString(CutLine(title, 60))) + "\n";
}

ShellReply ShellSession::Take(std::string_view line) {
  line = Trim(line);
  if (line.empty()) return {};
  if (!IsCommand(line)) return Evaluate(line, kind_);
  if (line.starts_with(':')) line.remove_prefix(1);
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  return TakeCommand(line.substr(0, end), Trim(line.substr(end)));
}

ShellReply ShellSession::TakeCommand(std::string_view word, std::string_view rest) {
  const std::string_view command = CommandOf(word).value_or("");
  if (command == "help") return {.out = std::string(kHelp)};
  if (command == "quit" || command == "exit") return {.quit = true};
  if (command == "css") return SetKind(ExpressionKind::kCss, rest);
  if (command == "xpath") return SetKind(ExpressionKind::kXPath, rest);
  if (command == "json") return SetKind(ExpressionKind::kJson, rest);
  if (command == "auto") return SetKind(std::nullopt, rest);
  if (command == "text") return SetTake(TakeOptions::What::kText, {});
  if (command == "html") return SetTake(TakeOptions::What::kHtml, {});
  if (command == "attr") return SetTake(TakeOptions::What::kAttribute, rest);
  if (command == "show") return SetShown(rest);
  if (command == "url") return OpenPage(rest);
  if (command == "tree") return Tree(rest);
  if (command == "page") return {.out = Describe()};
  return Fault("expected a command as :help, found :" + CutLine(word, 40) +
               "; a selector that begins with a colon goes behind :css");
}

ShellReply ShellSession::SetKind(std::optional<ExpressionKind> kind, std::string_view rest) {
  if (!rest.empty()) return Evaluate(rest, kind);
  kind_ = kind;
  return {.out = kind ? std::string("each line is a ") + NameOf(*kind) + "\n"
                      : std::string("each line is what it begins like\n")};
}

ShellReply ShellSession::SetTake(TakeOptions::What what, std::string_view attribute) {
  if (what == TakeOptions::What::kAttribute && attribute.empty()) {
    return Fault("expected an attribute's name, as :attr href");
  }
  take_.what = what;
  take_.attribute = attribute;
  switch (what) {
    case TakeOptions::What::kText: return {.out = "of an element its text is taken\n"};
    case TakeOptions::What::kHtml: return {.out = "of an element its HTML is taken\n"};
    case TakeOptions::What::kAttribute: break;
  }
  return {.out = "of an element its " + CutLine(attribute, 40) + " is taken\n"};
}

ShellReply ShellSession::SetShown(std::string_view number) {
  const auto count = ToCount(number);
  if (!count) return Fault("expected a number, as :show 20, or 0 for all");
  shown_ = *count == 0 ? SIZE_MAX : *count;
  if (*count == 0) return {.out = "all matches are shown\n"};
  if (*count == 1) return {.out = "the first match is shown\n"};
  return {.out = "the first " + WithThousands(*count) + " matches are shown\n"};
}

ShellReply ShellSession::OpenPage(std::string_view where) {
  if (where.empty()) return {.out = Describe()};
  Result<std::string> opened = Open(std::string(where));
  return opened ? ShellReply{.out = *opened} : Fault(opened.error().detail);
}

ShellReply ShellSession::Tree(std::string_view lines) const {
  const auto wanted = lines.empty() ? std::optional(kTreeLines) : ToCount(lines);
  if (!wanted) return Fault("expected a number of lines, as :tree 100, or 0 for all");
  const std::size_t most = *wanted == 0 ? SIZE_MAX : *wanted;
  Document& document = page_->document;
  if (!document.is_json()) return {.out = CutLines(document.Dump(), options_.width, most)};
  std::string outline;
  std::size_t roots = 0;
  const Result<> read = document.ForEachRoot([&](simdjson::dom::element root) {
    // One line more than wanted: it tells that there are more.
    AppendJsonOutline(root, most == SIZE_MAX ? most : most + 1, &outline);
    return roots++ < most;
  });
  if (!read) return Fault(read.error().detail);
  return {.out = CutLines(outline, options_.width, most)};
}

ShellReply ShellSession::Evaluate(std::string_view text, std::optional<ExpressionKind> forced) {
  const ExpressionKind kind = forced.value_or(KindOf(text));
  const Result<Expression> expression = Expression::Compile(kind, text, names_);
  if (!expression) return Fault(expression.error().detail);
  Document& document = page_->document;
  if (!expression->Fits(document.form())) {
    return Fault(std::string("a ") + NameOf(kind) + " finds nothing in " + NameOf(document.form()) +
                 (document.is_json() ? "; a JSONPath begins with $" : ""));
  }
  std::size_t count = 0;
  std::string shown;
  const Result<> run = expression->Run(document, names_, take_, [&](const Match& match) {
    if (++count > shown_) return true;
    const std::string number = std::to_string(count);
    const std::string value = match.is_json ? std::string(match.text) : JsonString(match.text);
    shown += std::string(number.size() < 3 ? 3 - number.size() : 0, ' ') + number + "  ";
    shown += CutLine(value, options_.width - 5) + "\n";
    return true;
  });
  if (!run) return Fault(run.error().detail);
  std::string out = WithThousands(count) + (count == 1 ? " match\n" : " matches\n") + shown;
  if (count > shown_) out += "  … " + WithThousands(count - shown_) + " more\n";
  return {.out = out};
}

Completions ShellSession::Complete(std::string_view before) {
  if (!before.starts_with(':')) {
    return page_names_.Complete(kind_.value_or(KindOf(before)), before, page_->document);
  }
  const std::size_t space = before.find(' ');
  if (space == std::string_view::npos) {
    Completions found{.begin = 1};
    for (const std::string_view command : kCommands) {
      if (command.starts_with(before.substr(1))) found.words.emplace_back(command);
    }
    return found;
  }
  const std::string_view command = CommandOf(before.substr(1, space - 1)).value_or("");
  const std::string_view rest = before.substr(space + 1);
  ExpressionKind kind = ExpressionKind::kCss;
  if (command == "xpath") kind = ExpressionKind::kXPath;
  if (command == "json") kind = ExpressionKind::kJson;
  if (command != "css" && command != "xpath" && command != "json") return {};
  Completions found = page_names_.Complete(kind, rest, page_->document);
  found.begin += space + 1;
  return found;
}

}  // namespace thresh
