#include "fetcher/dispatch/page.h"

#include "proto/thresh.pb.h"

namespace thresh {

std::string BodyStart(const SharedBytes& body, const std::shared_ptr<const SpoolFile>& spooled,
                      std::size_t n) {
  if (!spooled) return std::string(body.View().substr(0, n));
  const Result<std::string> read = spooled->ReadAt(0, n);
  return read ? *read : std::string();
}

std::string SerializeIdentity(const Task& task, const FetchFacts& facts) {
  static thread_local wire::Page page;  // Its strings' memory is used again and again.
  page.Clear();
  page.set_id(task.id);
  page.mutable_fingerprint()->assign(Fingerprint(task.seed).View());
  page.set_url(task.seed.url);
  page.set_recipe(task.seed.recipe);
  page.set_root(task.seed.root->url);
  page.set_n(task.seed.root->n);
  page.set_fetched_at_ms(facts.fetched_at_ms);
  page.set_attempts(task.attempts);
  page.set_status(facts.status);
  page.set_meta(task.seed.root->meta);
  page.set_dont_filter(task.seed.dont_filter);
  return page.SerializeAsString();
}

}  // namespace thresh
