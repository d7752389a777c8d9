#include "lib/metrics/process_usage.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

namespace thresh {

MemoryGauge::MemoryGauge() : statm_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}

std::uint64_t MemoryGauge::resident_bytes() const {
  char text[128];
  const ssize_t n = statm_ ? ::pread(statm_.get(), text, sizeof text - 1, 0) : -1;
  if (n <= 0) return 0;
  text[n] = '\0';
  unsigned long long all = 0, resident = 0;
  if (std::sscanf(text, "%llu %llu", &all, &resident) != 2) return 0;
  static const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return resident * page_bytes;
}

double ProcessCpuSeconds() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void AddProcess(std::string_view process, const MemoryGauge& memory, double started_at_s,
                MetricSet* set) {
  set->Add(Metric::kUp, process, 1);
  set->Add(Metric::kCpuSeconds, process, ProcessCpuSeconds());
  set->Add(Metric::kMemory, process, static_cast<double>(memory.resident_bytes()));
  set->Add(Metric::kStartTime, process, started_at_s);
}

}  // namespace thresh
