#include "fetcher/transfer/host_names.h"

#include <utility>

#include "fetcher/transfer/address_guard.h"
#include "fetcher/transfer/curl_request.h"

namespace thresh {
namespace {

constexpr std::size_t kMostTold = 2'000;  // In 71 chains.

// As libcurl has it where the proxy's URL says nothing.
std::string_view ProxyPort(std::string_view proxy) {
  const std::string_view host = proxy.substr(proxy.find("://") + 3);
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.find(']', colon) == host.npos &&
                        host.find('@', colon) == host.npos;
  if (has_port) return HostOf(proxy).port;
  return proxy.starts_with("https:") ? "443" : "1080";
}

void Append(CurlList* list, const std::string& entry) {
  list->reset(curl_slist_append(list->release(), entry.c_str()));
}

}  // namespace

std::vector<NeededName> NeededNames(const FetchJob& job) {
  std::vector<NeededName> names;
  const auto add = [&names](std::string_view name, std::string_view port, bool of_proxy) {
    if (!AddressOf(name)) names.push_back({std::string(name), std::string(port), of_proxy});
  };
  const std::string_view proxy = job.route ? std::string_view(job.route->proxy) : "";
  if (!proxy.empty()) add(HostOf(proxy).name, ProxyPort(proxy), true);
  if (proxy.empty() || proxy.starts_with("socks4:") || proxy.starts_with("socks5:")) {
    const UrlHost host = HostOf(job.url);
    add(host.name, host.port, false);
  }
  return names;
}

CurlList HostNames::Entries(const std::vector<NeededName>& names,
                            const std::vector<NameCache::Answer>& answers) {
  CurlList list;
  // Room is made first, so that nothing is taken back that is told here.
  MakeRoom(names.size(), &list);
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string key = names[i].name + ":" + names[i].port;
    std::string entry = key;
    char separator = ':';
    for (const std::string& address : answers[i]->addresses) {
      const bool v6 = address.find(':') != std::string::npos;
      entry += separator + (v6 ? "[" + address + "]" : address);
      separator = ',';
    }
    Append(&list, entry);
    if (told_.insert(key).second) told_order_.push_back(std::move(key));
  }
  return list;
}

void HostNames::MakeRoom(std::size_t count, CurlList* list) {
  while (told_order_.size() + count > kMostTold) {
    Append(list, "-" + told_order_.front());
    told_.erase(told_order_.front());
    told_order_.pop_front();
  }
}

}  // namespace thresh
