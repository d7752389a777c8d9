// thresh-poison-parser: thresh-parser, but pages that contain a word of poison kill it, as a fault
// in the parser would.

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string_view>

#include "parser/run_parser.h"

namespace {

constexpr std::size_t kMuchMemory = std::size_t{2} << 30;
constexpr std::size_t kChunk = std::size_t{16} << 20;
constexpr std::size_t kPage = 4096;

void EatMemory() {
  std::array<std::unique_ptr<char[]>, kMuchMemory / kChunk> eaten;
  for (auto& chunk : eaten) {
    chunk = std::make_unique_for_overwrite<char[]>(kChunk);
    for (std::size_t i = 0; i < kChunk; i += kPage) const_cast<volatile char&>(chunk[i]) = 1;
  }
}

void Spin() {
  volatile bool for_ever = true;
  while (for_ever) {
  }
}

// Harmless: 150 ms of CPU time.
void Work() {
  const std::clock_t until = std::clock() + CLOCKS_PER_SEC * 15 / 100;
  while (std::clock() < until) {
  }
}

void Sleep() {
  for (;;) ::pause();
}

// The fault is there, and not only its signal.
void Crash() {
  volatile int* volatile nowhere = nullptr;
  *nowhere = 1;
}

// An intruder's first steps. Who gets away with one dies of it, lest that go unnoticed.
void OpenFile() {
  if (::open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0) std::abort();
}

void RunProgram() {
  char* const none[] = {nullptr};
  ::execve("/bin/true", none, none);
}

void UseNetwork() {
  if (::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0) std::abort();
}

struct Poison {
  std::string_view word;
  void (*effect)();
};

constexpr Poison kPoisons[] = {
    {"POISON:SEGV", &Crash},       {"POISON:SPIN", &Spin},
    {"POISON:SLEEP", &Sleep},      {"POISON:WORK", &Work},
    {"POISON:OOM", &EatMemory},    {"POISON:OPEN", &OpenFile},
    {"POISON:EXEC", &RunProgram},  {"POISON:NET", &UseNetwork},
    {"POISON:ABORT", &std::abort}, {"POISON:KILL", [] { ::kill(::getpid(), SIGKILL); }},
};

void Swallow(std::string_view body) {
  for (const Poison& poison : kPoisons) {
    if (body.find(poison.word) != std::string_view::npos) poison.effect();
  }
}

}  // namespace

int main(int argc, char** argv) {
  return thresh::RunParser(argc, argv, {.before_page = &Swallow});
}
