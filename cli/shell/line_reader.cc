#include "cli/shell/line_reader.h"

#include <histedit.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <utility>

namespace thresh {
namespace {

constexpr std::size_t kMaxListed = 60;
constexpr char kEndOfInput = 4;  // Ctrl-D.

class PlainReader : public LineReader {
 public:
  std::optional<std::string> Next() override {
    std::string line;
    for (int c = 0; (c = std::getc(stdin)) != EOF;) {
      if (c == '\n') return line;
      line.push_back(static_cast<char>(c));
    }
    return line.empty() ? std::nullopt : std::optional(line);
  }
  bool interactive() const noexcept override { return false; }
};

std::string CommonPrefix(const std::vector<std::string>& words) {
  std::string prefix = words.front();
  for (const std::string& word : words) {
    const auto [end, _] = std::mismatch(prefix.begin(), prefix.end(), word.begin(), word.end());
    prefix.erase(end, prefix.end());
  }
  // Not half a character.
  while (!prefix.empty() && (static_cast<unsigned char>(prefix.back()) & 0x80) != 0 &&
         prefix.size() < words.front().size()) {
    prefix.pop_back();
  }
  return prefix;
}

class TerminalReader : public LineReader {
 public:
  TerminalReader(ShellHistory& history, CompleteFn complete)
      : history_(history), complete_(std::move(complete)) {
    UseUtf8();
    edit_.reset(el_init("thresh", stdin, stdout, stderr));
    recall_.reset(history_init());
    HistEvent event;
    ::history(recall_.get(), &event, H_SETSIZE, static_cast<int>(ShellHistory::kMaxLines));
    ::history(recall_.get(), &event, H_SETUNIQUE, 1);
    for (const std::string& line : history_.lines()) {
      ::history(recall_.get(), &event, H_ENTER, line.c_str());
    }
    el_set(edit_.get(), EL_CLIENTDATA, this);
    el_set(edit_.get(), EL_PROMPT, &Prompt);
    el_set(edit_.get(), EL_GETCFN, &OnKey);
    el_set(edit_.get(), EL_EDITOR, "emacs");
    el_set(edit_.get(), EL_HIST, &::history, recall_.get());
    el_set(edit_.get(), EL_ADDFN, "thresh-complete", "Complete a name of the page", &OnTab);
    el_set(edit_.get(), EL_BIND, "^I", "thresh-complete", nullptr);
    el_set(edit_.get(), EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_source(edit_.get(), nullptr);  // ~/.editrc
  }

  std::optional<std::string> Next() override {
    const CatchInterrupts caught;
    el_resize(edit_.get());
    for (;;) {
      int count = 0;
      const char* const typed = el_gets(edit_.get(), &count);
      if (std::exchange(interrupted_, false)) {  // A fresh line.
        std::fputs("\n", stdout);
        el_reset(edit_.get());
        continue;
      }
      if (typed == nullptr || count <= 0) {
        std::fputs("\n", stdout);
        return std::nullopt;
      }
      std::string line(typed, static_cast<std::size_t>(count));
      while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
      Remember(line);
      return line;
    }
  }
  bool interactive() const noexcept override { return true; }

 private:
  // While a line is read Ctrl-C ends the line, not the process. It is let through only where
  // ReadKey() waits, so that none comes unseen.
  class CatchInterrupts {
   public:
    CatchInterrupts() {
      struct sigaction action {};
      action.sa_handler = [](int) {};
      ::sigaction(SIGINT, &action, &action_before_);
      sigset_t interrupt;
      ::sigemptyset(&interrupt);
      ::sigaddset(&interrupt, SIGINT);
      ::sigprocmask(SIG_BLOCK, &interrupt, &mask_before_);
    }
    ~CatchInterrupts() {
      ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
      ::sigaction(SIGINT, &action_before_, nullptr);
    }
    CatchInterrupts(const CatchInterrupts&) = delete;
    CatchInterrupts& operator=(const CatchInterrupts&) = delete;

   private:
    struct sigaction action_before_ {};
    sigset_t mask_before_{};
  };

  struct EndEdit {
    void operator()(EditLine* edit) const noexcept { el_end(edit); }
  };
  struct EndRecall {
    void operator()(::History* recall) const noexcept { history_end(recall); }
  };

  // Pages are UTF-8, so are the expressions; in the C locale libedit would take ASCII only.
  static void UseUtf8() {
    std::setlocale(LC_CTYPE, "");
    if (std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
  }

  static char* Prompt(EditLine*) {
    static char prompt[] = "> ";
    return prompt;
  }

  static int OnKey(EditLine* edit, wchar_t* key) noexcept {
    TerminalReader* self = nullptr;
    el_get(edit, EL_CLIENTDATA, &self);
    return self->ReadKey(key);
  }

  // One character: 1, or 0 at the end, -1 to break off.
  int ReadKey(wchar_t* key) {
    std::mbstate_t state{};
    for (;;) {
      sigset_t none;
      ::sigemptyset(&none);
      pollfd input{.fd = STDIN_FILENO, .events = POLLIN};
      if (::ppoll(&input, 1, nullptr, &none) < 0) {
        if (errno == EINTR) interrupted_ = true;
        return -1;
      }
      char byte = 0;
      if (::read(STDIN_FILENO, &byte, 1) <= 0) return 0;
      // A Ctrl-D typed before the terminal was ours comes so (n_tty: a disabled character).
      if (byte == '\0') byte = kEndOfInput;
      const std::size_t used = std::mbrtowc(key, &byte, 1, &state);
      if (used <= 1) return 1;
      if (used == static_cast<std::size_t>(-1)) state = {};  // Not of this character: from anew.
    }
  }

  static unsigned char OnTab(EditLine* edit, int) noexcept {
    TerminalReader* self = nullptr;
    el_get(edit, EL_CLIENTDATA, &self);
    return self->Complete();
  }

  unsigned char Complete() {
    const LineInfo* const line = el_line(edit_.get());
    const std::string_view before(line->buffer,
                                  static_cast<std::size_t>(line->cursor - line->buffer));
    const Completions found = complete_(before);
    if (found.words.empty()) return CC_REFRESH_BEEP;
    const std::size_t typed = before.size() - found.begin;
    const std::string prefix = CommonPrefix(found.words);
    if (prefix.size() > typed) {
      el_insertstr(edit_.get(), prefix.c_str() + typed);
      return CC_REFRESH;
    }
    if (found.words.size() == 1) return CC_NORM;
    List(found.words);
    return CC_REDISPLAY;
  }

  static void List(const std::vector<std::string>& words) {
    std::fputs("\n", stdout);
    for (std::size_t i = 0; i < words.size() && i < kMaxListed; ++i) {
      std::fprintf(stdout, "%s%s", i > 0 ? "  " : "", words[i].c_str());
    }
    if (words.size() > kMaxListed) {
      std::fprintf(stdout, "  and %zu more", words.size() - kMaxListed);
    }
    std::fputs("\n", stdout);
    std::fflush(stdout);
  }

  void Remember(const std::string& line) {
    history_.Add(line);
    if (line.empty()) return;
    HistEvent event;
    ::history(recall_.get(), &event, H_ENTER, line.c_str());
  }

  ShellHistory& history_;
  const CompleteFn complete_;
  bool interrupted_ = false;
  std::unique_ptr<::History, EndRecall> recall_;
  std::unique_ptr<EditLine, EndEdit> edit_;
};

}  // namespace

std::unique_ptr<LineReader> MakeLineReader(ShellHistory& history, CompleteFn complete) {
  if (::isatty(STDIN_FILENO) == 0) return std::make_unique<PlainReader>();
  return std::make_unique<TerminalReader>(history, std::move(complete));
}

}  // namespace thresh
