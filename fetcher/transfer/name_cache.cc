#include "fetcher/transfer/name_cache.h"

#include <netdb.h>
#include <netinet/in.h>

#include <utility>

namespace thresh {
namespace {

struct Asking {
  uv_getaddrinfo_t request{};
  NameCache::FoundFn found;
};

struct AddrInfoFree {
  void operator()(addrinfo* list) const noexcept { uv_freeaddrinfo(list); }
};

NameCache::Answer AnswerOf(int status, const addrinfo* list) {
  NameAnswer answer;
  for (; status == 0 && list != nullptr; list = list->ai_next) {
    char text[INET6_ADDRSTRLEN] = "";
    if (uv_ip_name(list->ai_addr, text, sizeof text) == 0) answer.addresses.emplace_back(text);
  }
  if (status != 0) answer.failure = uv_strerror(status);
  if (status == 0 && answer.addresses.empty()) answer.failure = "the name has no address";
  // All but the resolver's "there is no such name".
  answer.may_pass = status != 0 && status != UV_EAI_NONAME && status != UV_EAI_NODATA;
  return std::make_shared<const NameAnswer>(std::move(answer));
}

void OnAnswer(uv_getaddrinfo_t* raw, int status, addrinfo* raw_list) noexcept {
  const std::unique_ptr<Asking> asking(static_cast<Asking*>(raw->data));
  const std::unique_ptr<addrinfo, AddrInfoFree> list(raw_list);
  asking->found(AnswerOf(status, list.get()));
}

}  // namespace

void NameCache::AskSystem(uv_loop_t& loop, const std::string& name, FoundFn found) {
  auto asking = std::make_unique<Asking>();
  asking->found = std::move(found);
  asking->request.data = asking.get();
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  Asking* const raw = asking.get();
  const int refused =
      uv_getaddrinfo(&loop, &raw->request, &OnAnswer, name.c_str(), nullptr, &hints);
  if (refused == 0) {
    static_cast<void>(asking.release());  // OnAnswer() takes it.
    return;
  }
  asking->found(AnswerOf(refused, nullptr));
}

NameCache::NameCache(uv_loop_t& loop, NameCacheOptions options, AskFn ask, TimeFn now)
    : loop_(loop),
      options_(options),
      ask_(std::move(ask)),
      now_(std::move(now)),
      alive_(std::make_shared<NameCache*>(this)) {}

NameCache::Answer NameCache::Known(const std::string& name) {
  const auto found = kept_.find(name);
  if (found == kept_.end() || found->second.until <= now_()) return nullptr;
  latest_.splice(latest_.begin(), latest_, found->second.place);
  return found->second.answer;
}

void NameCache::LookUp(const std::string& name, FoundFn found) {
  auto& waiting = asked_[name];
  waiting.push_back(std::move(found));
  if (waiting.size() > 1) return;
  ask_(loop_, name, [name, alive = std::weak_ptr<NameCache*>(alive_)](const Answer& answer) {
    if (const auto cache = alive.lock()) (*cache)->Take(name, answer);
  });
}

void NameCache::Take(const std::string& name, const Answer& answer) {
  Keep(name, answer);
  const std::vector<FoundFn> waiting = std::move(asked_.extract(name).mapped());
  for (const FoundFn& found : waiting) found(answer);
}

void NameCache::Keep(const std::string& name, const Answer& answer) {
  if (const auto old = kept_.find(name); old != kept_.end()) {
    latest_.erase(old->second.place);
    kept_.erase(old);
  }
  if (answer->may_pass) return;
  const auto lifetime =
      answer->addresses.empty() ? options_.missing_lifetime : options_.found_lifetime;
  latest_.push_front(name);
  kept_[name] = {answer, now_() + lifetime, latest_.begin()};
  if (kept_.size() > options_.max_names) {
    kept_.erase(latest_.back());
    latest_.pop_back();
  }
}

}  // namespace thresh
